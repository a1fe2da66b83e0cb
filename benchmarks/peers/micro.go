// <switch | spawn | memory> <arguments of the suite>: goroutines; GOMAXPROCS=1 makes it one thread, as the others are.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
)

// CPU time of the process, in nanoseconds.
func now() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func timed(work func(n int), n int) float64 {
	start := now()
	work(n)
	return float64(now() - start)
}

// programs/measure.cjs in Go.
func measure(cases map[string]func(n int), count, milliseconds int) map[string][]float64 {
	samples := map[string][]float64{}
	for name, work := range cases {
		n := 64
		for timed(work, n) <= float64(milliseconds)*1e6 {
			n *= 2
		}
		for i := 0; i < count; i++ {
			samples[name] = append(samples[name], timed(work, n)/float64(n))
		}
	}
	return samples
}

func yields(threads, times int) float64 {
	var group sync.WaitGroup
	group.Add(threads)
	gate := make(chan struct{})
	for n := 0; n < threads; n++ {
		go func() {
			<-gate
			for i := 0; i < times; i++ {
				runtime.Gosched()
			}
			group.Done()
		}()
	}
	runtime.Gosched() // all are waiting
	start := now()
	close(gate)
	group.Wait()
	return float64(now()-start) / float64(threads*times)
}

func switches(args []int) map[string][]float64 {
	samples := map[string][]float64{}
	for _, threads := range args[1:] {
		times := max(1, args[0]/threads)
		yields(threads, times)
		name := fmt.Sprintf("yield %d", threads)
		for i := 0; i < 3; i++ {
			samples[name] = append(samples[name], yields(threads, times))
		}
	}
	return samples
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func spawnMany(together int) func(n int) {
	return func(n int) {
		results := make(chan int, together)
		for i := 0; i < n; i += together {
			for k := 0; k < together; k++ {
				go func() { results <- 1 }()
			}
			for k := 0; k < together; k++ {
				<-results
			}
		}
	}
}

func spawns(args []int) map[string][]float64 {
	return measure(map[string]func(n int){"one": spawnMany(1), "hundred": spawnMany(100)}, args[0], args[1])
}

func residentBytes() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		log.Fatal(err)
	}
	var size, resident float64
	fmt.Sscan(string(text), &size, &resident)
	return resident * float64(os.Getpagesize())
}

func memory(counts []int) map[string][]float64 {
	bytes := map[string][]float64{}
	for _, count := range counts {
		debug.FreeOSMemory()
		before := residentBytes()
		var group sync.WaitGroup
		group.Add(count)
		gate := make(chan struct{})
		for n := 0; n < count; n++ {
			go func() {
				<-gate
				group.Done()
			}()
		}
		runtime.Gosched() // all are waiting
		debug.FreeOSMemory()
		name := fmt.Sprintf("bytes %d", count)
		bytes[name] = append(bytes[name], (residentBytes()-before)/float64(count))
		close(gate)
		group.Wait()
	}
	return bytes
}

func main() {
	suites := map[string]func([]int) map[string][]float64{
		"switch": switches,
		"spawn":  spawns,
		"memory": memory,
	}
	args := []int{}
	for _, word := range os.Args[2:] {
		number, err := strconv.Atoi(word)
		if err != nil {
			log.Fatal(err)
		}
		args = append(args, number)
	}
	text, err := json.Marshal(suites[os.Args[1]](args))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}
