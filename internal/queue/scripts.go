package queue

import "github.com/redis/go-redis/v9"

// publishScript appends events to a subject's stream, and those that are not logs to its tenant's, and publishes them on
// the channels of the same names. It is atomic, so that a channel carries its events in the order of their ids.
//
// It returns the id of the last event in the subject's stream.
//
//	KEYS[1]  stream of the subject
//	KEYS[2]  stream of the tenant
//	ARGV[1]  events to keep in each stream
//	ARGV[2]  expiry of the streams, ms
//	ARGV[3]  subject
//	ARGV[4…] for each event: type, time in ms, data (JSON), "1" if the tenant's stream gets it too or "0",
//	         "1" if it is left out where the subject's stream has events already or "0"
//
// A message on a channel is "id\nprevious\ntype\nat\nsubject\ndata"; only the data may hold further line breaks.
var publishScript = redis.NewScript(`
local now = redis.call('TIME')
local start = now[1] * 1000000 + now[2]

local function last_id(key)
  local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
  if #last == 0 then return 0 end
  return tonumber(string.match(last[1][1], '^%d+'))
end

-- An id is the time, so that those of events which a killed Redis had not written yet are not given again.
local function append(key, last, kind, at, data)
  local id = math.max(start, last + 1)
  local text, previous = string.format('%.0f', id), string.format('%.0f', last)
  redis.call('XADD', key, 'MAXLEN', '~', ARGV[1], text .. '-0',
    'previous', previous, 'type', kind, 'at', at, 'subject', ARGV[3], 'data', data)
  redis.call('PUBLISH', key, text .. '\n' .. previous .. '\n' .. kind .. '\n' .. at .. '\n' .. ARGV[3] .. '\n' .. data)
  return id
end

local last, tenant_last = last_id(KEYS[1]), nil
for i = 4, #ARGV, 5 do
  if ARGV[i + 4] == '0' or last == 0 then
    last = append(KEYS[1], last, ARGV[i], ARGV[i + 1], ARGV[i + 2])
    if ARGV[i + 3] == '1' then
      tenant_last = append(KEYS[2], tenant_last or last_id(KEYS[2]), ARGV[i], ARGV[i + 1], ARGV[i + 2])
    end
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if tenant_last then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
return last
`)

// setWorkerScript stores a worker's report and its time of expiry, by the clock of Redis, and keeps its bells.
//
//	KEYS[1]  index of workers
//	KEYS[2]  key of the report
//	KEYS[3]  stream of its bells
//	ARGV[1]  worker id
//	ARGV[2]  report
//	ARGV[3]  time to live, ms
//	ARGV[4]  the same of the bells
var setWorkerScript = redis.NewScript(`
local now = redis.call('TIME')
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('ZADD', KEYS[1], math.floor(now[1] * 1000 + now[2] / 1000) + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
return 1
`)

// workersScript drops the dead from the index of workers and returns the ids that are left.
//
//	KEYS[1]  index of workers
var workersScript = redis.NewScript(`
local now = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', math.floor(now[1] * 1000 + now[2] / 1000))
return redis.call('ZRANGE', KEYS[1], 0, -1)
`)
