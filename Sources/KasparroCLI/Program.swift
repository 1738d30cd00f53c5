import ArgumentParser
import CMalloc
import CSignals
import Glibc

/// The program from its first instruction to its exit code.
public enum Program {
    /// Parses the command line, runs the command and exits.
    ///
    /// Not an asynchronous `main`: that ends the first thread, and to unwind it a static binary's unwinder sorts its tables of all functions, which
    /// takes longer than all else in a start, and a megabyte.
    public static func main() -> Never {
        prepareProcess()
        Task.detached {
            await run()
            exit(0)
        }
        // What signals there are may be delivered here.
        while true { pause() }
    }

    private static func run() async {
        do {
            try CommandName.check(CommandLine.arguments.dropFirst())
            var command = try Kasparro.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try StandardOutput.finish()
        } catch let failure as CommandFailure {
            writeError("kasparro: \(failure.message)")
            exit(failure.code.rawValue)
        } catch {
            let code = Kasparro.exitCode(for: error)
            let message = Kasparro.fullMessage(for: error)
            if code == .success {
                print(message)
                exit(0)
            }
            if !message.isEmpty { writeError(message) }
            exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failure.rawValue)
        }
    }

    /// Before any thread exists: bounds for malloc; no death by a closed pipe, and none without a word by a file that was cut while it is mapped;
    /// as many open files as we may have.
    private static func prepareProcess() {
        keepLittleMemory()
        signal(SIGPIPE, SIG_IGN)
        tell_of_bus_errors()
        // A descriptor 0 to 2 that is closed would be given to the next file, which would then get our messages.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 { _ = open("/dev/null", O_RDWR) }
        // Every log file stays open.
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }

    /// Has malloc keep less of what nobody uses; `FreedMemory` gives back the rest.
    private static func keepLittleMemory() {
        // The usual number, eight for each core, keeps as many heaps.
        _ = mallopt(M_ARENA_MAX, 2)
        // Left alone, both of these rise with the largest block that was ever freed, to 32 and 64 MiB. The buffers of a merger get pages of their own,
        // those of pages and exports do not: the kernel would have to clear new ones for each piece.
        _ = mallopt(M_MMAP_THRESHOLD, 4 << 20)
        // The free end of an arena other than the first, which `malloc_trim` does not look at.
        _ = mallopt(M_TRIM_THRESHOLD, 8 << 20)
    }
}

/// A line on standard error, behind what was printed before it.
func writeError(_ message: String, terminator: String = "\n") {
    fflush(nil)
    let line = Array((message + terminator).utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
