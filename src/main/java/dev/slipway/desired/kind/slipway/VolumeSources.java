package dev.slipway.desired.kind.slipway;

import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.kubernetes.VolumeRules;
import dev.slipway.desired.model.CronSchedule;
import java.time.ZoneId;
import java.util.List;
import java.util.regex.Pattern;

/// What the fields of a Volume must be that belong to its type: where the data lie, what they are at first, how they
/// are copied.
final class VolumeSources {
    /// A name, an IPv4 address, or an IPv6 address with a zone if need be.
    private static final Pattern SERVER = Pattern.compile(
            "[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?");

    private static final int LAST_PORT = 65535;

    private VolumeSources() {}

    static void validate(Place spec) {
        String type = spec.at("type").text();
        for (Place field : spec.present(List.of("hostPath", "nfs", "populate", "snapshots"))) {
            if (!type.equals(owner(field))) {
                field.forbidden("only for type " + owner(field));
            }
        }
        switch (type) {
            case "HostPath" -> hostPath(spec);
            case "NFS" -> nfs(spec);
            case "Managed" -> managed(spec);
            default -> {}
        }
    }

    /// The one type that has a field.
    private static String owner(Place field) {
        return switch (field.name()) {
            case "hostPath" -> "HostPath";
            case "nfs" -> "NFS";
            default -> "Managed";
        };
    }

    private static void hostPath(Place spec) {
        absolute(spec.at("hostPath").at("path"));
        spec.at("hostPath").at("type").oneOf(VolumeRules.HOST_PATH_TYPES);
        retained(spec, "the host's data are never removed");
        notOwned(spec);
    }

    private static void nfs(Place spec) {
        Place server = spec.at("nfs").at("server");
        if (server.require()) {
            server.holds(SERVER.matcher(server.text()).matches(), "must be a host name or an address");
        }
        absolute(spec.at("nfs").at("path"));
        retained(spec, "the server's data are never removed");
        notOwned(spec);
        for (Place option : spec.at("nfs").at("options").items()) {
            String text = option.text();
            option.holds(text.matches("[a-z_]+(=[A-Za-z0-9_.:/-]+)?"), "must be an option as in nfs(5)");
            option.holds(!text.startsWith("addr="), "is the server's, and found by its name");
            option.holds(!text.startsWith("port=") || isPort(text.substring("port=".length())), "must be a port");
        }
    }

    private static boolean isPort(String text) {
        return text.matches("[1-9][0-9]{0,4}") && Integer.parseInt(text) <= LAST_PORT;
    }

    private static void managed(Place spec) {
        Place populate = spec.at("populate");
        if (populate.isThere()) {
            populate.exactlyOneOf(List.of("fromImagePath", "fromArchive", "fromSnapshot", "fromVolume"));
            populate.present(List.of("fromSnapshot", "fromVolume"))
                    .forEach(source -> source.at("name").requireReads(Names::subdomain));
            populate.present(List.of("fromArchive")).forEach(archive -> absolute(archive.at("path")));
            populate.present(List.of("fromImagePath")).forEach(image -> {
                image.at("image").require();
                absolute(image.at("path"));
            });
        }
        snapshots(spec.at("snapshots"));
    }

    private static void snapshots(Place snapshots) {
        Place schedule = snapshots.at("schedule");
        schedule.holds(
                CronSchedule.parse(schedule.text()).isPresent(),
                "must be five fields as in cron, for instance 0 2 * * *");
        Place zone = snapshots.at("timeZone");
        zone.holds(
                ZoneId.getAvailableZoneIds().contains(zone.text()),
                "must be the name of a time zone like Europe/Berlin");
        snapshots.at("keep").between(1, 1000);
        snapshots.at("freeze").oneOf(List.of("PauseUsers", "None"));
    }

    private static void absolute(Place path) {
        if (path.require()) {
            path.holds(path.text().startsWith("/"), "must be an absolute path");
        }
    }

    private static void retained(Place spec, String why) {
        Place reclaim = spec.at("reclaimPolicy");
        reclaim.holds(reclaim.text().equals("Retain"), "must be Retain: " + why);
    }

    private static void notOwned(Place spec) {
        if (spec.at("ownership").isThere()) {
            spec.at("ownership").forbidden("only for volumes that are made here");
        }
    }
}
