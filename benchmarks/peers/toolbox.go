// <scale> <milliseconds> <title>...: channels and goroutines at work; GOMAXPROCS=1 makes it one thread, as the others are.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

const (
	items      = 100_000
	parties    = 100
	turns      = 1000
	waiters    = 10_000
	broadcasts = 10
	places     = 1000
	jobs       = 100_000
	allLeaves  = 1_000_000
)

// CPU time of the process, in nanoseconds.
func now() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func scaled(number int, scale float64) int {
	return int(math.Max(1, math.Round(float64(number)*scale)))
}

func handOff(size int) func(scale float64) (int64, int) {
	return func(scale float64) (int64, int) {
		count := scaled(items, scale)
		queue := make(chan int, size)
		var group sync.WaitGroup
		group.Add(2)
		start := now()
		go func() {
			for n := 0; n < count; n++ {
				queue <- n
			}
			group.Done()
		}()
		go func() {
			for n := 0; n < count; n++ {
				if <-queue != n {
					log.Fatal("out of order")
				}
			}
			group.Done()
		}()
		group.Wait()
		return now() - start, count
	}
}

// A channel of one place is the semaphore: sending acquires, receiving releases and hands on to the first who waits.
func semaphore(scale float64) (int64, int) {
	count := scaled(turns, scale)
	slot := make(chan struct{}, 1)
	slot <- struct{}{}
	var group sync.WaitGroup
	group.Add(parties)
	for n := 0; n < parties; n++ {
		go func() {
			for turn := 0; turn < count; turn++ {
				slot <- struct{}{}
				<-slot
				runtime.Gosched()
			}
			group.Done()
		}()
	}
	runtime.Gosched() // all are waiting
	start := now()
	<-slot
	group.Wait()
	return now() - start, parties * count
}

func broadcast(scale float64) (int64, int) {
	count := scaled(broadcasts, scale)
	events := make([]chan struct{}, count+1)
	for n := range events {
		events[n] = make(chan struct{})
	}
	everybody := make(chan struct{}, 1)
	var seen int64
	var group sync.WaitGroup
	group.Add(waiters)
	for n := 0; n < waiters; n++ {
		go func() {
			for _, event := range events {
				<-event
				// Even one thread takes turns between any two instructions.
				if atomic.AddInt64(&seen, 1)%waiters == 0 {
					everybody <- struct{}{}
				}
			}
			group.Done()
		}()
	}
	runtime.Gosched() // all are waiting
	start := now()
	for _, event := range events[:count] {
		close(event)
		<-everybody
	}
	elapsed := now() - start
	close(events[count]) // they end
	group.Wait()
	return elapsed, waiters * count
}

func pool(scale float64) (int64, int) {
	count := scaled(jobs, scale)
	start := now()
	place := make(chan struct{}, places)
	var group sync.WaitGroup
	for n := 0; n < count; n++ {
		place <- struct{}{}
		group.Add(1)
		go func() {
			runtime.Gosched()
			<-place
			group.Done()
		}()
	}
	group.Wait()
	return now() - start, count
}

func grow(parent chan<- int, number, size int) {
	if size == 1 {
		parent <- number
		return
	}
	children := make(chan int, 10)
	for n := 0; n < 10; n++ {
		go grow(children, number+n*size/10, size/10)
	}
	sum := 0
	for n := 0; n < 10; n++ {
		sum += <-children
	}
	parent <- sum
}

func skynet(leaves int) func(scale float64) (int64, int) {
	return func(scale float64) (int64, int) {
		count := scaled(allLeaves/leaves, scale)
		start := now()
		top := make(chan int, 1)
		sum := 0
		for n := 0; n < count; n++ {
			go grow(top, n*leaves, leaves)
			sum += <-top
		}
		if all := count * leaves; sum != all*(all-1)/2 {
			log.Fatalf("skynet: %d of %d leaves", sum, all)
		}
		return now() - start, count * leaves
	}
}

func find(title string) func(scale float64) (int64, int) {
	if strings.HasPrefix(title, "skynet ") {
		leaves, err := strconv.Atoi(title[len("skynet "):])
		if err != nil {
			log.Fatal(err)
		}
		return skynet(leaves)
	}
	return map[string]func(float64) (int64, int){
		"queue of 1": handOff(1),
		"queue of 0": handOff(0),
		"semaphore":  semaphore,
		"broadcast":  broadcast,
		"pool":       pool,
	}[title]
}

func main() {
	scale, err := strconv.ParseFloat(os.Args[1], 64)
	if err != nil {
		log.Fatal(err)
	}
	milliseconds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	samples := map[string]float64{}
	for _, title := range os.Args[3:] {
		pass := find(title)
		pass(scale / 10)
		var elapsed int64
		operations := 0
		runtime.GC()
		for elapsed < int64(milliseconds)*1e6 {
			nanoseconds, count := pass(scale)
			elapsed += nanoseconds
			operations += count
		}
		samples[title] = float64(elapsed) / float64(operations)
	}
	text, err := json.Marshal(samples)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}
