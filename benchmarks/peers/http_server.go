// <workload>: HTTP server on Go's net/http; prints its port as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
)

func answer(response http.ResponseWriter, contentType string, body []byte) {
	response.Header().Set("Content-Type", contentType)
	response.Header().Set("Content-Length", strconv.Itoa(len(body)))
	response.Write(body)
}

func hello(response http.ResponseWriter, _ *http.Request) {
	answer(response, "text/plain", []byte("Hello, world!\n"))
}

func echo(response http.ResponseWriter, request *http.Request) {
	text, err := io.ReadAll(request.Body)
	if err != nil {
		return // the client has gone
	}
	var document any
	if err := json.Unmarshal(text, &document); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	body, err := json.Marshal(document)
	if err != nil {
		log.Fatal(err)
	}
	answer(response, "application/json", body)
}

func main() {
	handler := map[string]http.HandlerFunc{"hello": hello, "echo": echo}[os.Args[1]]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, handler))
}
