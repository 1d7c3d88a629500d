package main

import (
	"fmt"
	"os"
	"slices"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// These codes prove that nothing was done; any other leaves a write in doubt.
var refusals = []codes.Code{codes.InvalidArgument, codes.Unauthenticated, codes.PermissionDenied, codes.NotFound,
	codes.AlreadyExists, codes.FailedPrecondition, codes.OutOfRange, codes.Unimplemented, codes.Aborted}

// check ends the program on an error and says what it means; sent is the request id of a write.
func check(err error, sent string) {
	if err == nil {
		return
	}
	outcome := "no answer"
	if slices.Contains(refusals, status.Code(err)) {
		outcome = "not done"
	} else if sent != "" {
		outcome = "in doubt, ask again with " + sent
	}
	info := &errdetails.ErrorInfo{}
	for _, detail := range status.Convert(err).Details() {
		if found, is := detail.(*errdetails.ErrorInfo); is {
			info = found
		}
	}
	fmt.Fprintln(os.Stderr, outcome+":", status.Code(err), info.Reason, info.Metadata)
	os.Exit(1)
}
