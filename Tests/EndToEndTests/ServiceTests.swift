import Foundation
import TestSupport
import Testing

/// The process as a service manager sees it.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct ServiceTests {
    private static func listener() throws -> NotifyListener {
        try NotifyListener("@kasparro-service-\(getpid())-\(UInt32.random(in: .min ... .max))")
    }

    @Test func aManagerIsToldFromTheStartToTheEnd() throws {
        let listener = try Self.listener()
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(
            dataDirectory: directory.path,
            arguments: ["--no-schedule"],
            environment: ["NOTIFY_SOCKET": listener.name, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": nil]
        )
        let ready = try #require(listener.next(with: "READY", within: 60_000), "no READY")
        #expect(ready["STATUS"]?.hasPrefix("Serving http://127.0.0.1:\(server.port); 0 rows") == true, "\(ready)")
        #expect(listener.next(with: "WATCHDOG", within: 60_000) != nil && listener.next(with: "WATCHDOG", within: 60_000) != nil)
        server.send(signal: SIGHUP)
        #expect(listener.next(with: "RELOADING", within: 60_000)?["MONOTONIC_USEC"] != nil)
        #expect(listener.next(with: "READY", within: 60_000) != nil)
        // Stopped, it says nothing, and the manager would end it.
        server.send(signal: SIGSTOP)
        while listener.next(within: 300) != nil {}
        #expect(listener.next(within: 1_500) == nil)
        server.send(signal: SIGCONT)
        #expect(listener.next(with: "WATCHDOG", within: 60_000) != nil)
        server.send(signal: SIGTERM)
        #expect(listener.next(with: "STOPPING", within: 60_000) != nil)
        #expect(try server.wait().exitCode == 0)
    }

    @Test func aSignalWhileItStartsIsAnOrderlyEndToo() throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<3 {
            let server = try Subprocess(
                BinaryUnderTest.required(),
                ["serve", "--no-schedule", "--listen", "127.0.0.1:0", "--data-dir", directory.path]
            )
            // The lock is taken first.
            let lock = directory.path + "/LOCK"
            for _ in 0..<5_000 where ((try? String(contentsOfFile: lock, encoding: .utf8)) ?? "").contains("pid \(server.pid)") == false {
                usleep(1_000)
            }
            server.send(signal: SIGTERM)
            let result = try server.wait()
            #expect(result.exitCode == 0, "\(result)")
            #expect(FileManager.default.fileExists(atPath: directory.path + "/CLEAN"))
        }
    }

    @Test func outputThatCannotBeWrittenIsAFailure() throws {
        for command in ["version --json", "config --default", "completion bash"] {
            let lost = try Subprocess.run("sh", ["-c", "'\(BinaryUnderTest.required())' \(command) > /dev/full"])
            #expect(lost.exitCode == 1 && lost.standardError.contains("output"), "\(command): \(lost)")
            let read = try Subprocess.run("sh", ["-c", "'\(BinaryUnderTest.required())' \(command) | true"])
            #expect(read.exitCode == 0, "\(command): \(read)")
        }
    }

    @Test func theSecondSignalEndsItAtOnce() throws {
        let directory = try TemporaryDirectory()
        var file = "symbol,price_usd,timestamp\n"
        for row in 0..<60_000 { file += "C\(row / 50),\(row + 1),\(1_700_000_000 + row % 50 * 60)\n" }
        try directory.write(file, to: "inbox/crowd.csv")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try server.post("/refresh?source=csv&wait=30").status == 202)
        // A client that asks for much and reads nothing.
        let client = try RawSocket(port: server.port, receiveBuffer: 4_096)
        client.send("GET /data/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.receive(16)?.isEmpty == false)
        server.send(signal: SIGTERM)
        // The first one has arrived when the port is closed.
        for _ in 0..<250 where (try? RawSocket(port: server.port)) != nil { usleep(20_000) }
        server.send(signal: SIGTERM)
        let start = ContinuousClock.now
        let result = try server.wait(timeout: .seconds(10))
        #expect(ContinuousClock.now - start < .seconds(2), "it took \(ContinuousClock.now - start)")
        #expect(result.exitCode == 1, "\(result)")
        withExtendedLifetime(client) {}
        let again = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try KillTests.normalized(again) == 60_000)
    }

    @Test func aServerThatIsStartingIsNotNone() throws {
        let binary = try BinaryUnderTest.required()
        let directory = try TemporaryDirectory()
        _ = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"]).terminate()
        // As it is while a log of many gigabytes is read.
        try directory.write("pid 7, kasparro 0.1.0 serve\nsocket control.sock", to: "LOCK")
        let descriptor = open(directory.path + "/LOCK", O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        for command in ["healthcheck", "status"] {
            let result = try Subprocess.run(binary, [command, "--data-dir", directory.path])
            #expect(result.standardOutput.contains("a server (pid 7, kasparro 0.1.0 serve)"), "\(command): \(result)")
            #expect(result.exitCode == (command == "healthcheck" ? 1 : 0) && !result.standardOutput.contains("is it running"), "\(result)")
        }
    }

    @Test func aHealthCheckNeedsNoTokenAndNoNetwork() throws {
        let binary = try BinaryUnderTest.required()
        let directory = try TemporaryDirectory()
        func check(_ arguments: String...) throws -> Subprocess.Result { try Subprocess.run(binary, ["healthcheck"] + arguments) }
        let before = try check("--data-dir", directory.path)
        #expect(before.exitCode == 1 && before.standardOutput.contains("nobody answers"), "\(before)")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule", "--auth", "all"])
        let here = try check("--data-dir", directory.path)
        #expect(here.exitCode == 0 && here.standardOutput == "the server of \(directory.path): ok\n" && here.standardError.isEmpty, "\(here)")
        let json = try check("--data-dir", directory.path, "--json")
        #expect(json.standardOutput.contains(#""healthy":true,"status":"ok""#), "\(json)")
        let away = try check("--url", "http://127.0.0.1:\(server.port)/")
        #expect(away.exitCode == 0 && away.standardOutput.contains("alive"), "\(away)")
        server.send(signal: SIGSTOP)
        let stuck = try check("--data-dir", directory.path, "--timeout", "300ms")
        server.send(signal: SIGCONT)
        #expect(stuck.exitCode == 1 && stuck.standardOutput.split(separator: "\n").count == 1, "\(stuck)")
        #expect(try check("--url", "ftp://x").exitCode == 2 && check("--timeout", "1").exitCode == 2)
        try server.terminate()
        #expect(try check("--data-dir", directory.path).exitCode == 1)
    }

    @Test func theBannerIsAlsoThereForPrograms() throws {
        let directory = try TemporaryDirectory()
        let arguments = ["serve", "--data-dir", directory.path, "--listen", "127.0.0.1:0", "--no-schedule", "--json"]
        let server = try Subprocess(BinaryUnderTest.required(), arguments)
        let object = try server.waitForOutput { output in
            try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        }
        let port = try #require((object["url"] as? String)?.split(separator: ":").last.flatMap { Int($0) }, "\(object)")
        #expect(object["pid"] as? Int == Int(server.pid))
        #expect(try HTTPAnswer.fetch(method: "GET", port: port, path: "/livez", headers: [:]).status == 200)
    }

    /// Spec section 11; `ServerTests.exitCodesSayWhatWentWrong` has 65, 73 and 75.
    @Test func theOtherExitCodes() throws {
        let binary = try BinaryUnderTest.required()
        let directory = try TemporaryDirectory()
        func code(_ arguments: String...) throws -> Int32? { try Subprocess.run(binary, arguments).exitCode }
        #expect(try code("version") == 0)
        #expect(try code("status", "--data-dir", directory.path) == 1)
        #expect(try code("check", "--config", directory.path + "/none.conf") == 78)
        try directory.write("token\n", to: "token")
        chmod(directory.path + "/token", 0o644)
        #expect(try code("serve", "--data-dir", directory.path, "--listen", "127.0.0.1:0") == 77)
    }
}
