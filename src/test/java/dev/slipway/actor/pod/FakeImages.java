package dev.slipway.actor.pod;

import dev.slipway.actor.image.PodImages;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.Requests;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Images that are here because a test says so. One that a test says nothing about is here, and empty.
public final class FakeImages implements PodImages {
    private final Map<String, Answer> answers = new HashMap<>();
    private final List<String> forgotten = new ArrayList<>();
    private final List<Question> questions = new ArrayList<>();

    public void answer(String image, Answer answer) {
        answers.put(image, answer);
    }

    /// An image with these parameters, of content that follows from its name.
    public static LocalImage image(String name, RunParameters parameters) {
        Digest layer = Digest.sha256(name.getBytes(StandardCharsets.UTF_8));
        return Requests.image(parameters, List.of(new DiffId(layer)));
    }

    /// Parameters of an image that wants to be stopped by `stopSignal` and declares `volumes`.
    static RunParameters parameters(String stopSignal, Set<String> volumes) {
        RunParameters none = RunParameters.EMPTY;
        return new RunParameters(
                none.env(),
                none.entrypoint(),
                none.cmd(),
                none.workingDir(),
                none.user(),
                volumes,
                stopSignal,
                none.exposedPorts(),
                none.labels(),
                none.healthcheck(),
                none.shell());
    }

    /// Parameters of an image whose processes are `user`'s.
    static RunParameters ofUser(String user) {
        RunParameters none = RunParameters.EMPTY;
        return new RunParameters(
                none.env(),
                none.entrypoint(),
                none.cmd(),
                none.workingDir(),
                user,
                none.volumes(),
                none.stopSignal(),
                none.exposedPorts(),
                none.labels(),
                none.healthcheck(),
                none.shell());
    }

    List<String> forgotten() {
        return forgotten;
    }

    public List<Question> questions() {
        return questions;
    }

    @Override
    public Answer ask(Question question) {
        questions.add(question);
        return answers.getOrDefault(
                question.image(), new Answer.Present(image(question.image(), RunParameters.EMPTY), false));
    }

    @Override
    public Optional<LocalImage> find(Digest digest) {
        return answers.values().stream()
                .flatMap(answer -> answer instanceof Answer.Present present ? Stream.of(present.image()) : Stream.of())
                .filter(image -> image.digest().equals(digest))
                .findFirst();
    }

    @Override
    public void forget(String podUid) {
        forgotten.add(podUid);
    }
}
