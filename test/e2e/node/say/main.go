// say is the only program in the images of the tests. It prints what the image tells it to and stays until it is asked
// to go; an image that tells it nothing is the one that holds a pod's namespaces.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	if words, ok := os.LookupEnv("SAY"); ok {
		fmt.Println(words)
	}
	<-asked
}
