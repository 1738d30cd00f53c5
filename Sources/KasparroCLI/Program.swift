import ArgumentParser
import CMalloc
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

    /// Before any thread exists: few malloc arenas, because the usual number keeps memory that nobody uses; and no death by a closed pipe; and as many open files as we may have.
    private static func prepareProcess() {
        _ = mallopt(M_ARENA_MAX, 2)
        signal(SIGPIPE, SIG_IGN)
        // A descriptor 0 to 2 that is closed would be given to the next file, which would then get our messages.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 { _ = open("/dev/null", O_RDWR) }
        // Every log file stays open.
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }
}

/// A line on standard error, behind what was printed before it.
func writeError(_ message: String, terminator: String = "\n") {
    fflush(nil)
    let line = Array((message + terminator).utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// The exit codes of spec section 11, after sysexits(3).
enum ExitStatus: Int32, CaseIterable {
    case failure = 1
    case usage = 2
    case corruptData = 65
    case cannotCreate = 73
    case locked = 75
    case permission = 77
    case badConfiguration = 78
}

/// An error the user sees as one line, and the exit code that goes with it.
struct CommandFailure: Error {
    var code: ExitStatus
    var message: String

    init(_ code: ExitStatus, _ message: String) {
        self.code = code
        self.message = message
    }
}
