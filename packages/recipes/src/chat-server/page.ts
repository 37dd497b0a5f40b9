/** A page that asks, and shows the answer as it comes. Leaving it, or its Stop button, ends the call on the server. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Chat</title>
<link rel="icon" href="data:,">
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
  .user { font-weight: bold } .error { color: #b00020 }
  form { display: flex; gap: .5rem } input { flex: 1; font: inherit }
</style>
<main id="turns"></main>
<form id="form"><input id="prompt" autofocus autocomplete="off"><button>Ask</button><button type="button" id="stop">Stop</button></form>
<script type="module">
  const turns = document.getElementById("turns")
  const messages = []
  let running
  const show = (className) => turns.appendChild(Object.assign(document.createElement("p"), { className }))

  async function* events(body) {
    let text = ""
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      text += piece
      let end
      while ((end = text.indexOf("\\n\\n")) >= 0) {
        const fields = Object.fromEntries(text.slice(0, end).split("\\n").map((line) => line.split(/: (.*)/s)))
        yield { event: fields.event, data: JSON.parse(fields.data) }
        text = text.slice(end + 2)
      }
    }
  }

  document.getElementById("stop").onclick = () => running?.abort()
  document.getElementById("form").onsubmit = async (submitted) => {
    submitted.preventDefault()
    const input = document.getElementById("prompt")
    messages.push({ role: "user", content: input.value })
    show("user").textContent = input.value
    input.value = ""
    const answer = show("assistant")
    running = new AbortController()
    try {
      const response = await fetch("/ask", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ messages }),
        signal: running.signal
      })
      if (!response.ok) throw new Error((await response.json()).message)
      for await (const { data, event } of events(response.body)) {
        if (event === "failed") throw new Error(data.message)
        if (event === "text") answer.textContent += data
      }
    } catch (error) {
      show("error").textContent = error.message
    }
    if (answer.textContent !== "") messages.push({ role: "assistant", content: answer.textContent })
    document.body.dataset.done = "true"
  }
</script>
</html>
`
