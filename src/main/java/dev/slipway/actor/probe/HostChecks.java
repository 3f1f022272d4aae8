package dev.slipway.actor.probe;

import dev.slipway.engine.runtime.ContainerRuntime;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Executor;

/// Asks from the host, as the kubelet does: by the pod's address, or by a process in the container. Who has no address
/// is not asked by one: an empty one would be the host's loopback.
public final class HostChecks implements Checker {
    private static final String OUT_OF_REACH = "the pod has no address to be asked by";

    private final ExecCheck exec;
    private final HttpCheck http;
    private final HttpCheck hooks;
    private final GrpcCheck grpc;

    /// @param version of Kubernetes that is spoken, as in `v1.35.0`
    /// @param readers runs what reads the output of one process, each in a thread
    public HostChecks(ContainerRuntime runtime, String version, Executor readers) {
        String minor = version.replaceFirst("^v?(\\d+\\.\\d+).*", "$1");
        this.exec = new ExecCheck(runtime, readers);
        this.http = new HttpCheck("kube-probe/" + minor);
        this.hooks = new HttpCheck("kube-lifecycle/" + minor);
        this.grpc = new GrpcCheck("kube-probe/" + minor);
    }

    @Override
    public Finding ask(Check check, Target target, Duration timeout) throws InterruptedException {
        if (isOutOfReach(check, target)) {
            return new Finding.Unhealthy(OUT_OF_REACH);
        }
        return switch (check) {
            case Check.Exec command -> exec.ask(command, target.container(), timeout);
            case Check.HttpGet get -> http.ask(get, host(get.host(), target), timeout);
            case Check.TcpSocket socket -> tcp(host(socket.host(), target), socket.port(), timeout);
            case Check.Grpc call -> grpc.ask(call, target.address(), timeout);
            case Check.Sleep sleep -> {
                Duration whole = Duration.ofSeconds(sleep.seconds());
                Thread.sleep(whole.compareTo(timeout) < 0 ? whole : timeout);
                yield new Finding.Healthy();
            }
            case Check.Impossible impossible -> new Finding.Unknown(impossible.message());
        };
    }

    @Override
    public Finding run(Check hook, Target target, Duration timeout) throws InterruptedException {
        if (isOutOfReach(hook, target)) {
            return new Finding.Unhealthy(OUT_OF_REACH);
        }
        return switch (hook) {
            case Check.Exec command -> exec.run(command, target.container(), timeout);
            case Check.HttpGet get -> hooks.tell(get, host(get.host(), target), timeout);
            case Check.TcpSocket socket ->
                new Finding.Unknown("invalid handler: tcpSocket is not supported as a lifecycle hook");
            case Check.Grpc call -> ask(call, target, timeout);
            case Check.Sleep sleep -> ask(sleep, target, timeout);
            case Check.Impossible impossible -> ask(impossible, target, timeout);
        };
    }

    private static Finding tcp(String host, int port, Duration timeout) {
        try (Socket socket = new Socket()) {
            socket.connect(GoText.resolved(host, port), Math.toIntExact(timeout.toMillis()));
            return new Finding.Healthy();
        } catch (IOException e) {
            return new Finding.Unhealthy(GoText.dial(host, port, e));
        }
    }

    private static boolean isOutOfReach(Check check, Target target) {
        boolean isByAddress =
                switch (check) {
                    case Check.HttpGet get -> get.host().isEmpty();
                    case Check.TcpSocket socket -> socket.host().isEmpty();
                    case Check.Grpc call -> true;
                    case Check.Exec command -> false;
                    case Check.Sleep sleep -> false;
                    case Check.Impossible impossible -> false;
                };
        return isByAddress && target.address().isEmpty();
    }

    private static String host(String said, Target target) {
        return said.isEmpty() ? target.address() : said;
    }
}
