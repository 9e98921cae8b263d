package main

import (
	"math"
	"time"
)

// scaler is KEDA with the Kubernetes autoscaler behind it, as the chart sets them up: the bells that nobody has heard, by jobsPerWorker, are how
// many workers are wanted; every 15 s their number may double or grow by two, and once none of the looks of the cooldown wanted more, one
// leaves a minute.
type scaler struct {
	jobsPerWorker int
	min, max      int
	cooldown      time.Duration
	starts        time.Duration // from the decision until a worker takes jobs

	wanted []moment // of the looks within the cooldown; queued is what was wanted
	grown  time.Duration
	shrunk time.Duration
}

const (
	growEvery   = 15 * time.Second
	shrinkEvery = time.Minute
)

// decide returns how many workers there should be.
func (k *scaler) decide(now time.Duration, queued, have int) int {
	want := min(max(int(math.Ceil(float64(queued)/float64(k.jobsPerWorker))), k.min), k.max)
	k.wanted = append(k.wanted, moment{at: now, queued: want})
	for len(k.wanted) > 0 && k.wanted[0].at < now-k.cooldown {
		k.wanted = k.wanted[1:]
	}
	most := want
	for _, w := range k.wanted {
		most = max(most, w.queued)
	}
	switch {
	case want > have && now-k.grown >= growEvery:
		k.grown = now
		return min(want, max(2*have, have+2))
	case most < have && now-k.shrunk >= shrinkEvery:
		k.shrunk = now
		return have - 1
	}
	return have
}

// scale has workers come or leave.
func (s *simulation) scale() {
	var staying []*worker
	for _, w := range s.workers {
		if !w.leaving {
			staying = append(staying, w)
		}
	}
	want := s.scaler.decide(s.now, s.queued, len(staying))
	for range want - len(staying) {
		s.hire(s.scaler.starts)
	}
	for i := want; i < len(staying); i++ { // the youngest first
		staying[i].leaving = true
	}
	s.dismiss()
	s.result.course = append(s.result.course, moment{s.now, s.queued, want})
}
