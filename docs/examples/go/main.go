// Reads a customer and records a purchase: TOKEN=... [CA=ca.pem] client ADDRESS CUSTOMER
package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "example.com/shop/clientelav1"
)

//go:embed service_config.json
var serviceConfig string

// trusting makes TLS of the roots in a file, as `clientela trust` prints them; without a file there is none.
func trusting(file string) (credentials.TransportCredentials, error) {
	if file == "" {
		return insecure.NewCredentials(), nil
	}
	return credentials.NewClientTLSFromFile(file, "")
}

func main() {
	wire, err := trusting(os.Getenv("CA"))
	check(err, "")
	conn, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(wire),
		grpc.WithDefaultServiceConfig(serviceConfig))
	check(err, "")
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+os.Getenv("TOKEN"))
	var trailer metadata.MD

	wanted := &pb.GetCustomerRequest{Name: os.Args[2]}
	found, err := pb.NewCustomerServiceClient(conn).GetCustomer(ctx, wanted, grpc.Trailer(&trailer))
	check(err, "")
	fmt.Println(found.DisplayName, "at revision", trailer.Get("clientela-revision")[0])

	sent := uuid.NewString() // one for this intent: keep it, and send it with every retry
	purchase := &pb.Purchase{Amount: &money.Money{CurrencyCode: "EUR", Units: 19, Nanos: 900_000_000}}
	record := &pb.RecordPurchaseRequest{Parent: os.Args[2], Purchase: purchase, RequestId: &sent}
	made, err := pb.NewPurchaseServiceClient(conn).RecordPurchase(ctx, record, grpc.Trailer(&trailer))
	check(err, sent)
	fmt.Println(made.Name, "at revision", trailer.Get("clientela-revision")[0])
}
