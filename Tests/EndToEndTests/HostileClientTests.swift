import Foundation
import TestSupport
import Testing

/// Clients that mean harm, or behave as if: the server goes on answering, says nothing of its inside, and does not grow.
@Suite(.serialized, .enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct HostileClientTests {
    /// A server with rows and with records that wait in quarantine.
    private func filledServer(_ directory: TemporaryDirectory) throws -> ServerProcess {
        try directory.write("symbol,price_usd,timestamp\nA,n/a,2024-12-15\nB,1,never\n", to: "inbox/bad.csv")
        return try ServerTests.serverWithSample(directory)
    }

    private func anonymousKilobytes(_ pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return try #require(status.firstMatch(of: /RssAnon:\s*([0-9]+) kB/).flatMap { Int($0.1) })
    }

    @Test func tenThousandHostileRequestsDoNoHarm() throws {
        let directory = try TemporaryDirectory()
        let server = try filledServer(directory)
        let seed = ProcessInfo.processInfo.environment["KASPARRO_SEED"].flatMap { UInt64($0) } ?? 20_241_215
        var requests = HostileRequests(seed: seed)
        var before = 0
        var answered = 0
        for number in 0..<11_000 {
            if number == 1_000 { before = try anonymousKilobytes(server.pid) }
            let bytes = number < HostileRequests.corpus.count ? HostileRequests.corpus[number] : requests.next()
            let socket = try RawSocket(port: server.port)
            socket.send(bytes)
            socket.finishSending()
            let answer = socket.receiveAll()
            let shown = "seed \(seed), request \(number): \(String(decoding: bytes.prefix(300), as: UTF8.self).debugDescription)"
            let text = String(decoding: try #require(answer, "not closed: \(shown)"), as: UTF8.self)
            let statusLine = /HTTP\/1\.[01] ([0-9]{3}) [A-Z]/
            for match in text.matches(of: statusLine) {
                answered += 1
                let status = Int(match.output.1) ?? 0
                #expect(status < 500 || [503, 505].contains(status), "\(status) for \(shown)\n\(text.prefix(500))")
            }
            // The metrics name the compiler on purpose.
            for secret in text.contains("# HELP ")
                ? [directory.path] : [directory.path, "/work", "/tmp/", "Swift", "error:", ".swift", "Optional(", "Error(", "jsonl.gz"]
            {
                #expect(!text.contains(secret), "“\(secret)” in the answer to \(shown)\n\(text.prefix(1_000))")
            }
            guard server.isRunning else {
                throw HTTPAnswer.Failure(description: "the server has died of \(shown)\n\(server.errorOutputSoFar.suffix(2_000))")
            }
        }
        #expect(answered > 8_000, "only \(answered) answers")
        #expect(try server.get("/data?limit=1").status == 200)
        let after = try anonymousKilobytes(server.pid)
        // A fifth of so little is less than the pages that are kept for the next one who asks; a leak of 500 bytes a request is more.
        #expect(after <= max(before * 6 / 5, before + 4_096), "RssAnon has grown from \(before) to \(after) KiB")
        #expect(try server.terminate().exitCode == 0)
    }

    @Test func aThousandSlowClientsDoNotSlowDownTheRest() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try #require(limit.rlim_max >= 1_400, "at least 1,400 open files are needed; the limit (ulimit -Hn) is \(limit.rlim_max)")
        let directory = try TemporaryDirectory()
        let server = try filledServer(directory)
        let token = try server.token()
        func ask() throws -> Duration {
            let start = ContinuousClock.now
            #expect(try server.get("/health").status == 200)
            return ContinuousClock.now - start
        }
        func ninetiethOfFifty(_ between: (Int) throws -> Void = { _ in }) throws -> Duration {
            try (0..<50).map { number in
                try between(number)
                return try ask()
            }.sorted()[44]
        }
        let before = try ninetiethOfFifty()
        var dripping: [(socket: RawSocket, text: [UInt8])] = []
        var deaf: [RawSocket] = []
        for number in 0..<1_000 {
            switch number % 4 {
            case 0, 1: dripping.append((try RawSocket(port: server.port), Array("GET /data?limit=1000 HTTP/1.1\r\nHost: a\r\nX-Slow: ".utf8)))
            case 2:
                let socket = try RawSocket(port: server.port)
                socket.send("POST /refresh?source=csv HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)x\r\nContent-Length: 1000\r\n\r\n")
                dripping.append((socket, Array(repeating: UInt8(ascii: "x"), count: 50)))
            default:
                let socket = try RawSocket(port: server.port, receiveBuffer: 2_048)
                socket.send(String(repeating: "GET /data?limit=1000 HTTP/1.1\r\nHost: a\r\n\r\n", count: 8))
                deaf.append(socket)
            }
        }
        // The deaf ones have asked for many pages, which are made first; what counts is how it is when they only hold on.
        var during = Duration.seconds(60)
        for round in 0..<8 where during >= .milliseconds(50) && during >= before * 5 {
            during = try ninetiethOfFifty { number in
                guard number % 10 == 0 else { return }
                for (socket, text) in dripping {
                    let place = round * 5 + number / 10
                    socket.send([place < text.count ? text[place] : UInt8(ascii: "x")])
                }
            }
        }
        #expect(during < .milliseconds(50) || during < before * 5, "/health took \(before) before and \(during) among slow clients")
        deaf.removeAll()
        dripping.removeAll()
        #expect(try server.terminate().exitCode == 0)
    }

    @Test func theLastConnectionsAreKeptForThoseWhoLookAfterTheProcess() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule", "--max-connections", "16"])
        let open = try (0..<8).map { _ in try RawSocket(port: server.port) }
        // The last of them is surely counted when it is answered.
        for socket in open {
            socket.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(socket.receive()?.isEmpty == false)
        }
        let refused = try server.get("/data")
        #expect(refused.status == 503 && refused.text.contains("too_many_connections") && refused.header("Retry-After") != nil, "\(refused)")
        #expect(try server.get("/livez").status == 200)
    }

    @Test func whoeverIsIdleOrSlowDoesNotHoldUpTheStop() throws {
        let directory = try TemporaryDirectory()
        let server = try filledServer(directory)
        let idle = try RawSocket(port: server.port)
        idle.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(idle.receive()?.isEmpty == false)
        let half = try RawSocket(port: server.port)
        half.send("GET /data HTT")
        let uploading = try RawSocket(port: server.port)
        uploading.send("POST /refresh HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nContent-Length: 1000\r\n\r\nx")
        let silent = try RawSocket(port: server.port)
        let deaf = try RawSocket(port: server.port, receiveBuffer: 2_048)
        deaf.send(String(repeating: "GET /data?limit=1000 HTTP/1.1\r\nHost: a\r\n\r\n", count: 100))
        let start = ContinuousClock.now
        let result = try server.terminate()
        let took = ContinuousClock.now - start
        #expect(result.exitCode == 0 && took < .seconds(10), "\(took) \(result.standardError)")
        _ = (idle, half, uploading, silent, deaf)
    }

    @Test func aRequestUnderWayIsFinishedBeforeTheProcessEnds() throws {
        let upstream = ScriptedServer([.hang])
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(
            dataDirectory: directory.path,
            arguments: ["--no-schedule"],
            environment: ["COINPAPRIKA_API_URL": upstream.url + "/v1/tickers"]
        )
        let waiting = try RawSocket(port: server.port)
        waiting.send("POST /refresh?source=coinpaprika&wait=60 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(try server.token())\r\n\r\n")
        while try !server.get("/metrics").text.contains("\nkasparro_run_in_progress 1\n") {}
        server.send(signal: SIGTERM)
        let answer = try HTTPAnswer.parse(try #require(waiting.receiveAll()))
        #expect(answer.status == 202 && answer.text.contains("\"run_id\""), "\(answer)")
        #expect(try server.wait().exitCode == 0)
    }
}
