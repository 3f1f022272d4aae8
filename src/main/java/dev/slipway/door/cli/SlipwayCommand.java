package dev.slipway.door.cli;

import dev.slipway.door.command.CopyCommand;
import dev.slipway.door.command.LogsCommand;
import dev.slipway.door.command.ScaleCommand;
import dev.slipway.door.command.StatsCommand;
import dev.slipway.door.command.TopCommand;
import dev.slipway.door.command.WaitCommand;
import dev.slipway.door.command.WrongUsageException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/// The `slipway` command. `serve`, `up` and `dismantle` are the engine itself and never get here: the launcher script
/// starts another main class for them.
@Command(
        name = "slipway",
        mixinStandardHelpOptions = true,
        version = "slipway 0.1.0",
        description = "A declarative container engine for one Linux host.",
        footer = "%nExit codes: 0 done, 1 failed, 2 wrong usage.",
        subcommands = {
            EngineVerbs.Up.class,
            EngineVerbs.Serve.class,
            EngineVerbs.Dismantle.class,
            ApplyCommand.class,
            DiffCommand.class,
            DeleteCommand.class,
            GetCommand.class,
            DescribeCommand.class,
            LogsCommand.class,
            ImageCommand.class,
            ExecCommand.class,
            ExecCommand.Attach.class,
            DesiredStateCommand.class,
            DesiredStateCommand.Stop.class,
            DesiredStateCommand.Pause.class,
            DesiredStateCommand.Resume.class,
            ContainerVerbCommand.Restart.class,
            ContainerVerbCommand.Kill.class,
            CopyCommand.class,
            TopCommand.class,
            StatsCommand.class,
            ScaleCommand.class,
            WaitCommand.class,
            StatusCommand.class,
            SystemCommand.class,
            KubeconfigCommand.class,
            CompletionCommand.class
        })
public final class SlipwayCommand implements Callable<Integer> {
    public static void main(String... arguments) {
        System.setOut(StandardOutput.over(new FileOutputStream(FileDescriptor.out), System.out.charset()));
        System.exit(run(arguments));
    }

    /// @return the exit code
    public static int run(String... arguments) {
        int exitCode = commandLine().execute(arguments);
        System.out.flush();
        return exitCode;
    }

    /// The command, ready to be executed.
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new SlipwayCommand());
        line.getSubcommands().values().forEach(verb -> verb.getCommandSpec().mixinStandardHelpOptions(true));
        return line.setExecutionStrategy(SlipwayCommand::execute)
                .setParameterExceptionHandler(new UsageErrors())
                .setExecutionExceptionHandler((failure, verb, result) -> failed(failure, verb));
    }

    private static int execute(ParseResult parsed) {
        try {
            return new RunLast().execute(parsed);
        } catch (UncheckedIOException e) {
            // Of a help text, which is no verb.
            return failed(Objects.requireNonNull(e.getCause()));
        }
    }

    /// Failures of the world in words; a bug with all that helps to find it.
    private static int failed(Exception failure, CommandLine verb) throws Exception {
        if (failure instanceof WrongUsageException wrong) {
            return UsageErrors.report(String.valueOf(wrong.getMessage()), verb);
        }
        Throwable cause = failure instanceof UncheckedIOException unchecked ? unchecked.getCause() : failure;
        if (!(cause instanceof IOException world)) {
            throw failure;
        }
        return failed(world);
    }

    private static int failed(IOException failure) {
        if (failure instanceof StandardOutput.ClosedException) {
            return StandardOutput.CLOSED;
        }
        System.err.println("slipway: " + failure.getMessage());
        return 1;
    }

    @Override
    public Integer call() {
        CommandLine.usage(this, System.err);
        return 2;
    }
}
