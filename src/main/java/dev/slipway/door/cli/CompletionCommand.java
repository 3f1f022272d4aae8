package dev.slipway.door.cli;

import dev.slipway.door.command.WrongUsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `slipway completion bash|zsh|fish`: a script that makes the shell complete verbs and options.
@Command(
        name = "completion",
        description = "Print a completion script for a shell.",
        footer = {
            "",
            "bash:  source <(slipway completion bash)        in ~/.bashrc",
            "zsh:   source <(slipway completion zsh)         in ~/.zshrc",
            "fish:  slipway completion fish > ~/.config/fish/completions/slipway.fish"
        })
final class CompletionCommand implements Callable<Integer> {
    /// The shells, for completion.
    static final class Shells extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Shells() {
            super(List.of("bash", "zsh", "fish"));
        }
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "SHELL", completionCandidates = Shells.class, description = "bash, zsh or fish.")
    private String shell = "";

    @Override
    public Integer call() {
        WrongUsageException.unless(new Shells().contains(shell), "the shell is bash, zsh or fish: " + shell);
        if (spec != null) {
            CommandSpec root = spec.root();
            // The script for bash loads zsh's own layer for such scripts when zsh reads it.
            System.out.print(
                    shell.equals("fish")
                            ? FishCompletion.script(root)
                            : AutoComplete.bash(root.name(), root.commandLine()));
        }
        return 0;
    }
}
