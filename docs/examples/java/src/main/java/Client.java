import com.clientela.v1.*;
import com.google.gson.Gson;
import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.type.Money;
import io.grpc.*;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Reads a customer and records a purchase: TOKEN=... [CA=ca.pem] Client ADDRESS CUSTOMER */
public class Client {
    // These codes prove that nothing was done; any other leaves a write in doubt.
    static final Set<Status.Code> REFUSALS = EnumSet.of(Status.Code.INVALID_ARGUMENT, Status.Code.UNAUTHENTICATED,
            Status.Code.PERMISSION_DENIED, Status.Code.NOT_FOUND, Status.Code.ALREADY_EXISTS,
            Status.Code.FAILED_PRECONDITION, Status.Code.OUT_OF_RANGE, Status.Code.UNIMPLEMENTED, Status.Code.ABORTED);
    static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> REVISION = Metadata.Key.of("clientela-revision", Metadata.ASCII_STRING_MARSHALLER);

    public static void main(String[] words) throws Exception {
        var headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + System.getenv("TOKEN"));
        var trailers = new AtomicReference<Metadata>();
        var serviceConfig = new Gson().fromJson(Files.readString(Path.of("service_config.json")), Map.class);
        var channel = Grpc.newChannelBuilder(words[0], trusting(System.getenv("CA"))).defaultServiceConfig(serviceConfig)
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers),
                        MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers)).build();
        String sent = null;
        try {
            var found = CustomerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS)
                    .getCustomer(GetCustomerRequest.newBuilder().setName(words[1]).build());
            System.out.printf("%s at revision %s%n", found.getDisplayName(), trailers.get().get(REVISION));
            sent = UUID.randomUUID().toString(); // one for this intent: keep it, and send it with every retry
            var amount = Money.newBuilder().setCurrencyCode("EUR").setUnits(19).setNanos(900_000_000);
            var made = PurchaseServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS)
                    .recordPurchase(RecordPurchaseRequest.newBuilder().setParent(words[1]).setRequestId(sent)
                            .setPurchase(Purchase.newBuilder().setAmount(amount)).build());
            System.out.printf("%s at revision %s%n", made.getName(), trailers.get().get(REVISION));
        } catch (StatusRuntimeException error) {
            System.err.println(explain(error, sent));
            System.exit(1);
        }
    }

    /** Makes TLS of the roots in a file, as `clientela trust` prints them; without a file there is none. */
    static ChannelCredentials trusting(String file) throws Exception {
        if (file == null) return InsecureChannelCredentials.create();
        return TlsChannelCredentials.newBuilder().trustManager(new File(file)).build();
    }

    static String explain(StatusRuntimeException error, String sent) throws Exception {
        var code = error.getStatus().getCode();
        var info = ErrorInfo.getDefaultInstance();
        for (Any detail : StatusProto.fromThrowable(error).getDetailsList())
            if (detail.is(ErrorInfo.class)) info = detail.unpack(ErrorInfo.class);
        var outcome = REFUSALS.contains(code) ? "not done" : sent == null ? "no answer" : "in doubt, ask again with " + sent;
        return "%s: %s %s %s".formatted(outcome, code, info.getReason(), info.getMetadataMap());
    }
}
