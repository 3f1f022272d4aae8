package dev.slipway.door.pki;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Where the certificates live, and by which names and addresses the server is reached besides `localhost`,
/// `127.0.0.1` and `::1`.
///
/// @param directory the folder of certificates, made with mode 0700
/// @param kubeconfig the administrator's kubeconfig, written with mode 0600
/// @param serverUrl what the kubeconfig points at, for instance `https://127.0.0.1:7443`
/// @param extraNames further host names and addresses for the server's certificate
public record PkiSettings(Path directory, Path kubeconfig, String serverUrl, List<String> extraNames) {
    public PkiSettings {
        extraNames = List.copyOf(extraNames);
    }

    List<String> serverNames() {
        List<String> names = new ArrayList<>(List.of("localhost", "127.0.0.1", "::1"));
        extraNames.stream().filter(name -> !names.contains(name)).forEach(names::add);
        return names;
    }
}
