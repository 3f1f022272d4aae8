package dev.slipway.desired.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// Makes JSON of objects small, for memory only: an Event to a quarter, a Pod to a sixth. For one thread.
///
/// Objects are small and alike, so that most of what one consists of is in the dictionary: names of fields and usual
/// values, in the order in which objects have them. What comes last in it is the cheapest to refer to.
///
/// @spec https://www.rfc-editor.org/rfc/rfc1951 DEFLATE
final class Packing implements AutoCloseable {
    private static final byte[] DICTIONARY = """
            "rules":[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","list"]}],"data":{"password":"\
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"","uid":"","controller":true,\
            "blockOwnerDeletion":true}],"finalizers":["slipway.dev/"],"deletionTimestamp":"","annotations":{"\
            kubectl.kubernetes.io/last-applied-configuration":"{\\"apiVersion\\":\\"v1\\",\\"kind\\":\\"","labels":{"app":"\
            ","app.kubernetes.io/name":"","pod-template-hash":""}"selector":{"matchLabels":{"replicas":1,"template":{\
            {"apiVersion":"slipway.dev/v1alpha1","kind":"Image","metadata":{"name":"","spec":{"source":{"pull":{"\
            reference":"docker.io/library/","build":{"from":"scratch","steps":[{"Container","imageFrom":{"kind":"Image",\
            "status":{"observedGeneration":1,"phase":"Pending","conditions":[{"type":"Reconciling","type":"Stalled",\
            "status":"False","reason":"ImageReady","message":"","lastTransitionTime":"","observedGeneration":1}],\
            "env":[{"name":"","value":""}],"ports":[{"containerPort":8080,"protocol":"TCP"}],"volumeMounts":[{"name":"\
            ","mountPath":"/","readOnly":true}],"volumes":[{"configMap":{"name":"","defaultMode":420}},"secret":{\
            "livenessProbe":{"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,\
            "successThreshold":1,"failureThreshold":3},"state":{"waiting":{"reason":"ContainerCreating"}},\
            "lastState":{"terminated":{"exitCode":0,"reason":"Completed","startedAt":"","finishedAt":"\
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"","namespace":"default","uid":"","creationTimestamp":"20\
            ","generation":2,"resourceVersion":""},"spec":{"terminationGracePeriodSeconds":30,"containers":[{"name":"main\
            ","image":"","imagePullPolicy":"Never","command":["/bin/sh","-c","args":["","\
            terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","resources":{}}],\
            "restartPolicy":"Always","dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler",\
            "enableServiceLinks":true,"securityContext":{},"nodeName":"vm"},"status":{"phase":"Running","conditions":[{\
            "type":"PodReadyToStartContainers","lastTransitionTime":"20","status":"True"},{"type":"PodScheduled",\
            "lastTransitionTime":"","status":"True"},{"type":"Initialized","lastTransitionTime":"","status":"True"},{\
            "type":"ContainersReady","lastTransitionTime":"","status":"True"},{"type":"Ready","lastTransitionTime":"\
            ","status":"True"}],"containerStatuses":[{"name":"main","image":"","imageID":"docker.io/library/\
            @sha256:","containerID":"slipway://","restartCount":0,"started":true,"ready":true,"state":{"running":{\
            "startedAt":""}},"lastState":{}}],"hostIP":"192.","hostIPs":[{"ip":"192."}],"podIP":"10.88.0.",\
            "podIPs":[{"ip":"10.88.0."}],"startTime":"20","qosClass":"BestEffort"}}"reason":"Scheduled",\
            "message":"Successfully assigned default/ to ","reason":"Pulled","message":"Container image \\"\\" already \
            present on machine","reason":"Created","message":"Created container: ","reason":"Started",\
            "message":"Started container {"apiVersion":"v1","kind":"Event","metadata":{"name":"","namespace":"default",\
            "uid":"","creationTimestamp":"20","resourceVersion":""},"involvedObject":{"apiVersion":"v1","kind":"Pod",\
            "namespace":"default","name":"","uid":"","fieldPath":"spec.containers{main}"},"type":"Normal",\
            "reason":"","message":"","source":{"component":"slipway","host":""},"reportingComponent":"slipway",\
            "reportingInstance":"","firstTimestamp":"20","lastTimestamp":"20","count":1}
            """.getBytes(StandardCharsets.US_ASCII);

    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);

    /// @return `plain` itself if it would not become smaller
    byte[] pack(byte[] plain) {
        byte[] packed = new byte[plain.length];
        deflater.reset();
        deflater.setDictionary(DICTIONARY);
        deflater.setInput(plain);
        deflater.finish();
        int size = deflater.deflate(packed);
        return deflater.finished() && size < plain.length ? Arrays.copyOf(packed, size) : plain;
    }

    /// @param sizeBytes of what it was before
    static byte[] unpack(byte[] packed, int sizeBytes) {
        byte[] plain = new byte[sizeBytes];
        Inflater inflater = new Inflater(true);
        try {
            inflater.setDictionary(DICTIONARY);
            inflater.setInput(packed);
            int done = inflater.inflate(plain);
            if (done != sizeBytes) {
                throw new IllegalStateException("unpacked %d of %d bytes".formatted(done, sizeBytes));
            }
            return plain;
        } catch (DataFormatException e) {
            // These bytes were packed by this class, and have been in memory ever since.
            throw new IllegalStateException("unpack an object", e);
        } finally {
            inflater.end();
        }
    }

    @Override
    public void close() {
        deflater.end();
    }
}
