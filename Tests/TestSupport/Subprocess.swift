package import Foundation
import Synchronization

/// A running child process: its output so far, signals by its own pid, and an end that can be waited for with a limit.
///
/// The output is read from the start by a thread per stream, so that a child never blocks on a full pipe. The child is killed when the
/// value is released.
package final class Subprocess: @unchecked Sendable {  // Process and Pipe are not Sendable; after `init` only their thread-safe parts are used.
    /// How a process ended, with all that it printed.
    package struct Result: Sendable {
        /// The exit code; nil when a signal ended the process.
        package let exitCode: Int32?
        /// The signal that ended the process, if one did.
        package let signal: Int32?
        package let standardOutput: String
        package let standardError: String
    }

    package struct TimedOut: Error, CustomStringConvertible {
        package let description: String
    }

    let executable: String
    package let pid: pid_t
    private let process = Process()
    private let standardOutput = OutputReader()
    private let standardError = OutputReader()
    private let ended = Event()

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - executable: an absolute path, or a name that is looked up in PATH.
    ///   - environment: variables on top of the test's own; nil removes one.
    package init(_ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:]) throws {
        self.executable = executable
        if executable.hasPrefix("/") {
            process.executableURL = URL(fileURLWithPath: executable)
            process.arguments = arguments
        } else {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [executable] + arguments
        }
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in environment { variables[name] = value }
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = standardOutput.pipe
        process.standardError = standardError.pipe
        let ended = ended
        process.terminationHandler = { _ in ended.signal() }
        // Threads of the cooperative pool block most signals, and a child inherits that: it would never see SIGTERM.
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        pid = process.processIdentifier
        standardOutput.start()
        standardError.start()
    }

    deinit {
        if process.isRunning { kill(pid, SIGKILL) }
    }

    package var isRunning: Bool { process.isRunning }

    /// What the process has printed so far.
    package var outputSoFar: String { standardOutput.text }
    package var errorOutputSoFar: String { standardError.text }

    /// Sends a signal to this process and no other; does nothing once it has ended.
    package func send(signal: Int32) {
        if process.isRunning { kill(pid, signal) }
    }

    /// Waits for the end of the process. One that has not ended in time is killed, and the error holds what it printed.
    @discardableResult
    package func wait(timeout: Duration = .seconds(30)) throws -> Result {
        guard ended.wait(timeout: timeout) else {
            kill(pid, SIGKILL)
            _ = ended.wait(timeout: .seconds(10))
            throw TimedOut(
                description: "\(executable) (pid \(pid)) did not end within \(timeout) and was killed."
                    + " Output: \(outputSoFar) Error output: \(errorOutputSoFar)"
            )
        }
        // The pipes may hold more than was read when the process ended; a grandchild that keeps them open is not waited for.
        standardOutput.waitForEnd()
        standardError.waitForEnd()
        let bySignal = process.terminationReason == .uncaughtSignal
        return Result(
            exitCode: bySignal ? nil : process.terminationStatus,
            signal: bySignal ? process.terminationStatus : nil,
            standardOutput: standardOutput.text,
            standardError: standardError.text
        )
    }

    /// Runs a program to its end.
    package static func run(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String?] = [:],
        timeout: Duration = .seconds(30)
    ) throws -> Result {
        try Subprocess(executable, arguments, environment: environment).wait(timeout: timeout)
    }

    /// Waits until the standard output satisfies a condition, and gives what the condition found.
    package func waitForOutput<Found>(timeout: Duration = .seconds(30), _ find: (String) -> Found?) throws -> Found {
        let deadline = ContinuousClock.now + timeout
        while true {
            if let found = find(outputSoFar) { return found }
            // The reader may have got the last bytes between the look above and the end of the process, so the last look comes after.
            if !process.isRunning {
                standardOutput.waitForEnd()
                if let found = find(outputSoFar) { return found }
                throw TimedOut(description: "\(executable) ended before it printed what was waited for. \(outputSoFar) \(errorOutputSoFar)")
            }
            guard ContinuousClock.now < deadline else {
                throw TimedOut(description: "\(executable) did not print what was waited for in \(timeout). \(outputSoFar) \(errorOutputSoFar)")
            }
            standardOutput.waitForChange()
        }
    }
}

/// Something that happens once and can be waited for from any thread.
private final class Event: Sendable {
    private let condition = NSCondition()
    private let happened = Mutex(false)

    func signal() {
        condition.lock()
        happened.withLock { $0 = true }
        condition.broadcast()
        condition.unlock()
    }

    /// False when the time passed first.
    func wait(timeout: Duration) -> Bool {
        let limit = Date(timeIntervalSinceNow: TimeInterval(timeout.components.seconds) + Double(timeout.components.attoseconds) / 1e18)
        condition.lock()
        defer { condition.unlock() }
        while !happened.withLock({ $0 }) {
            if !condition.wait(until: limit) { return happened.withLock { $0 } }
        }
        return true
    }
}

/// Reads one stream of a child to its end, on a thread of its own.
private final class OutputReader: @unchecked Sendable {  // The pipe is used by the reading thread alone once `start` was called.
    let pipe = Pipe()
    private let condition = NSCondition()
    private var bytes = Data()
    private let ended = Event()

    func start() {
        Thread.detachNewThread { [self] in
            while case let chunk = pipe.fileHandleForReading.availableData, !chunk.isEmpty {
                condition.lock()
                bytes.append(chunk)
                condition.broadcast()
                condition.unlock()
            }
            ended.signal()
        }
    }

    var text: String {
        condition.lock()
        defer { condition.unlock() }
        return String(decoding: bytes, as: UTF8.self)
    }

    func waitForEnd() {
        _ = ended.wait(timeout: .seconds(2))
    }

    /// Until more was read, and 100 ms at most.
    func waitForChange() {
        condition.lock()
        _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1))
        condition.unlock()
    }
}
