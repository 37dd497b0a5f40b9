/**
 * The script that does all that the store is asked, with the arithmetic of the store in memory (`RateLimitStore.makeMemory`), step
 * by step in the same order, so that both come to the same numbers.
 *
 * Keys: the book of the namespace, its instances, then the buckets, then the slots. All are declared, and have one hash tag.
 *
 * Words: the operation, how many buckets, the book's name that the caller knows; then what `words.ts` writes for the operation.
 *
 * - A bucket is a text of three numbers: when it is full, until when it is paused, how long it has been paused in all; `-` where
 *   there is no such moment. One that is not there is full, unless the data were lost.
 * - The book is a text of two: its name, and when the data were lost, or 0. A caller who knows a book that is not there has seen
 *   data that are lost (a server that was started anew and had written nothing down): what was not there since then counts as
 *   emptied at that moment, or a restart would give a whole bucket away once more.
 * - A set of leases is sorted by the moments at which they expire.
 */

/** The server's clock, to the microsecond. */
const serverTime = "local t = redis.call('TIME')\nlocal now = t[1] * 1000 + t[2] / 1000"

// The book outlives every caller that knows it: they forget its name after half as long. See `store.ts`.
const body = (bookMillis: number) => `
-- What is nearer is now, in milliseconds.
local instant = 0.01
local op, count, known = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local word = 3
local function text() word = word + 1 return ARGV[word] end
local function number() return tonumber(text()) end
local function written(x)
  if x == -math.huge then return '-' end
  return string.format('%.17g', x)
end
local function lasting(millis) return string.format('%.0f', math.max(1, math.min(math.ceil(millis), 31536000000))) end

local found = redis.call('MGET', KEYS[1], unpack(KEYS, 3, 2 + count))

local book, lost
if found[1] then
  book, lost = string.match(found[1], '^(%S+) (%S+)$')
  lost = tonumber(lost)
  redis.call('PEXPIRE', KEYS[1], ${bookMillis})
else
  book, lost = written(now), known ~= '' and now or 0
  redis.call('SET', KEYS[1], book .. ' ' .. written(lost), 'PX', ${bookMillis})
end

local function load(i, capacity, interval)
  if found[i + 1] then
    local full, paused, shift = string.match(found[i + 1], '^(%S+) (%S+) (%S+)$')
    return { full = tonumber(full) or -math.huge, paused = tonumber(paused) or -math.huge, shift = tonumber(shift) }
  end
  local full = lost > 0 and lost + capacity * interval or -math.huge
  return { full = full, paused = -math.huge, shift = 0 }
end

local function save(i, bucket)
  local last = math.max(bucket.full, bucket.paused)
  if last == -math.huge then return end
  local state = written(bucket.full) .. ' ' .. written(bucket.paused) .. ' ' .. written(bucket.shift)
  redis.call('SET', KEYS[2 + i], state, 'PX', lasting(math.max(0, last - now) + 600000))
end

local function take(bucket, cost, interval, at)
  if cost ~= 0 then bucket.full = math.max(bucket.full, at) + cost * interval end
end

local function adjust(bucket, cost, interval)
  if cost >= 0 then return take(bucket, cost, interval, now) end
  local full = math.max(now, bucket.paused)
  if bucket.full > full then bucket.full = math.max(full, bucket.full + cost * interval) end
end

local function hasRoom(key, max)
  if redis.call('ZCARD', key) < max then return true end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', written(now))
  return redis.call('ZCARD', key) < max
end

local function keep(key, millis)
  if redis.call('PTTL', key) < millis then redis.call('PEXPIRE', key, lasting(millis)) end
end

if op == 'reserve' then
  local id, lease, most, ticket, from = text(), number(), number(), number(), text()
  local instance, alive = text(), number()
  local buckets, asks = {}, {}
  for i = 1, count do
    local ask = { capacity = number(), interval = number(), cost = number(), shift = number(), paid = number() }
    buckets[i], asks[i] = load(i, ask.capacity, ask.interval), ask
  end
  local instances = 0
  if instance ~= '' then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', written(now))
    redis.call('ZADD', KEYS[2], written(now + alive), instance)
    redis.call('PEXPIRE', KEYS[2], lasting(alive))
    instances = redis.call('ZCARD', KEYS[2])
  end
  local function answer(tag, millis, at)
    local all = { tag, book, instances, written(millis), written(at) }
    for i = 1, count do all[5 + i] = written(buckets[i].shift) end
    return all
  end

  for i = 3 + count, #KEYS do
    local max = number()
    if not redis.call('ZSCORE', KEYS[i], id) and not hasRoom(KEYS[i], max) then return answer('Busy', 0, 0) end
  end
  -- A turn of data that are lost is none.
  if ticket and from == book then
    local late, paused = 0, -math.huge
    for i = 1, count do
      late = math.max(late, buckets[i].shift - asks[i].shift)
      paused = math.max(paused, buckets[i].paused)
    end
    local millis = math.max(ticket + late, paused) - now
    if millis > instant then return answer('Wait', millis, ticket) end
    for i = 1, count do adjust(buckets[i], asks[i].cost - asks[i].paid, asks[i].interval) end
  else
    local at = now
    for i = 1, count do
      local bucket, ask = buckets[i], asks[i]
      local missing = ask.capacity - math.min(math.max(ask.cost, 0), ask.capacity)
      at = math.max(at, bucket.paused, bucket.full - missing * ask.interval)
    end
    local millis = at - now
    -- Who has waited already is not told that it is too long.
    if millis > most and not ticket then return answer('TooLong', millis, 0) end
    for i = 1, count do take(buckets[i], asks[i].cost, asks[i].interval, at) end
    if millis > instant then
      for i = 1, count do save(i, buckets[i]) end
      return answer('Wait', millis, at)
    end
  end
  for i = 1, count do save(i, buckets[i]) end
  for i = 3 + count, #KEYS do
    redis.call('ZADD', KEYS[i], written(now + lease), id)
    keep(KEYS[i], lease)
  end
  return answer('Granted', 0, 0)
end

if op == 'adjust' then
  local id = text()
  for i = 1, count do
    local capacity, interval, cost = number(), number(), number()
    local bucket = load(i, capacity, interval)
    adjust(bucket, cost, interval)
    save(i, bucket)
  end
  for i = 3 + count, #KEYS do redis.call('ZREM', KEYS[i], id) end
  return { book }
end

if op == 'pause' then
  local millis = number()
  for i = 1, count do
    local capacity, interval = number(), number()
    local bucket = load(i, capacity, interval)
    local paused = now + millis
    local longer = paused - math.max(now, bucket.paused)
    if longer > 0 then
      bucket.full = math.max(bucket.full + longer, paused + capacity * interval)
      bucket.paused = paused
      bucket.shift = bucket.shift + longer
      save(i, bucket)
    end
  end
  return { book }
end

if op == 'renew' then
  local lease = number()
  for i = 3 + count, #KEYS do
    local id = text()
    local before = redis.call('ZSCORE', KEYS[i], id)
    if before and tonumber(before) > now then
      redis.call('ZADD', KEYS[i], written(now + lease), id)
      keep(KEYS[i], lease)
    end
  end
  return { book }
end

return redis.error_reply('ERR unknown operation')
`

/** How long the book of a namespace is kept that nobody asks for. @internal */
export const bookMillis = 48 * 3_600_000

/** A script, and what the server knows it by. @internal */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** With another clock, for tests. @internal */
export const textWith = (time: string): string => time + body(bookMillis)

/** @internal */
export const script: Script = {
  text: textWith(serverTime),
  // A constant, for runtimes without Node's `crypto`. A test compares it with the text.
  sha: "3f09fd18c39543e523cefbcacdeccc408a40376c"
}
