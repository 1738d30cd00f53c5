import Foundation
import TestSupport

/// Where the binary under test is: the environment variable KASPARRO_BINARY, which `make test` sets to the static release build.
enum BinaryUnderTest {
    static let path: String? = {
        guard let path = ProcessInfo.processInfo.environment["KASPARRO_BINARY"], !path.isEmpty else { return nil }
        return URL(fileURLWithPath: path).path
    }()

    /// The reason that a skipped suite shows.
    static let explanation = "KASPARRO_BINARY names no binary; `make test` builds one and sets it"

    /// The path, for tests in suites that are enabled only when it is set.
    static func required() throws -> String {
        struct Missing: Error, CustomStringConvertible { let description = BinaryUnderTest.explanation }
        guard let path else { throw Missing() }
        return path
    }
}

/// `kasparro serve` on a data directory and a free loopback port. It is killed when the value is released; the directory stays.
final class ServerProcess: Sendable {
    /// As the tests see it.
    let dataDirectory: String
    /// Read from the banner, as a user would.
    let port: Int
    private let process: Subprocess

    /// Starts the server and returns when it has printed its address.
    ///
    /// - Parameters:
    ///   - arguments: further arguments of `serve`, such as `--no-schedule`.
    ///   - environment: variables on top of the test's own; nil removes one.
    ///   - launcher: a program that is to become the server, and its arguments.
    ///   - isInNamespace: whether the launcher gives the server a mount namespace of its own.
    init(
        dataDirectory: String,
        arguments: [String] = [],
        environment: [String: String?] = [:],
        launcher: [String] = [],
        isInNamespace: Bool = false,
        timeout: Duration = .seconds(30)
    ) throws {
        let command = try launcher + [BinaryUnderTest.required(), "serve", "--data-dir", dataDirectory, "--listen", "127.0.0.1:0"] + arguments
        process = try Subprocess(command[0], Array(command.dropFirst()), environment: environment)
        self.dataDirectory = isInNamespace ? "/proc/\(process.pid)/root" + dataDirectory : dataDirectory
        port = try process.waitForOutput(timeout: timeout) { output in
            output.firstMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)\//).flatMap { Int($0.1) }
        }
    }

    var pid: pid_t { process.pid }
    var isRunning: Bool { process.isRunning }
    var outputSoFar: String { process.outputSoFar }
    var errorOutputSoFar: String { process.errorOutputSoFar }

    /// Ends the process at once, as a power cut would end it, and waits until it is gone.
    func kill9() throws {
        process.send(signal: SIGKILL)
        try wait()
    }

    /// Asks the process to shut down (SIGTERM) and waits for it.
    @discardableResult
    func terminate(timeout: Duration = .seconds(25)) throws -> Subprocess.Result {
        process.send(signal: SIGTERM)
        return try wait(timeout: timeout)
    }

    func send(signal: Int32) { process.send(signal: signal) }

    @discardableResult
    func wait(timeout: Duration = .seconds(30)) throws -> Subprocess.Result { try process.wait(timeout: timeout) }

    /// The bearer token that the server made on its first start.
    func token() throws -> String {
        try String(contentsOfFile: dataDirectory + "/token", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func get(_ path: String, headers: [String: String] = [:]) throws -> HTTPAnswer {
        try HTTPAnswer.fetch(method: "GET", port: port, path: path, headers: headers)
    }

    /// - Parameter authorized: whether the server's own token is sent.
    func post(_ path: String, headers: [String: String] = [:], body: [UInt8] = [], authorized: Bool = true) throws -> HTTPAnswer {
        var headers = headers
        if authorized { headers["Authorization"] = "Bearer \(try token())" }
        return try HTTPAnswer.fetch(method: "POST", port: port, path: path, headers: headers, body: body)
    }
}

/// An empty directory that is removed with all it holds when the value is released.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let parent = FileManager.default.temporaryDirectory
        let directory = parent.appendingPathComponent("kasparro-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        path = directory.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file below the directory, with the directories on its way.
    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }
}
