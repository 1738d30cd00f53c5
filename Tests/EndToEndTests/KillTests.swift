import Foundation
import TestSupport
import Testing

/// The process dies at any moment; the oracle is out here.
@Suite(.serialized, .enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct KillTests {
    /// `KASPARRO_KILL_ROWS`; without it enough that a log is sealed while the load goes on.
    static let rows = ProcessInfo.processInfo.environment["KASPARRO_KILL_ROWS"].flatMap { Int($0) } ?? 400_000
    /// What most rounds load, so that there can be many of them.
    static let fewRows = min(rows, 40_000)
    static let batch = 1_000
    /// Rows of the file's beginning that come again at its end, with another price.
    static let updated = 5_000
    /// `KASPARRO_KILL_ROUNDS`; 50 without it.
    static let rounds = ProcessInfo.processInfo.environment["KASPARRO_KILL_ROUNDS"].flatMap { Int($0) } ?? 50

    /// A file in time order with updates behind, and what the rows' lines must contain in the end.
    static func history(rows: Int = KillTests.rows, updated: Int = KillTests.updated) -> (file: String, lines: [[UInt8]]) {
        var file = "symbol,price_usd,timestamp\n"
        var lines: [[UInt8]] = []
        lines.reserveCapacity(rows)
        for row in 0..<rows {
            file += "C\(row % 251),\(row + 1).50,\(1_600_000_000 + row)\n"
            lines.append(Array("\"price_usd\":\(row + 1).\(row < updated ? "75" : "50"),".utf8))
        }
        for row in 0..<updated { file += "C\(row % 251),\(row + 1).75,\(1_600_000_000 + row)\n" }
        return (file, lines)
    }

    /// Walks all rows in time order and says how many there are; each must be the row that the file has at that place.
    static func walk(_ server: ServerProcess, _ expected: [[UInt8]], _ what: String) throws -> Int {
        var count = 0
        var path: String? = "/data?format=ndjson&sort_dir=asc&limit=1000"
        while let next = path {
            let answer = try server.get(next)
            #expect(answer.status == 200, "\(what): \(answer.text.prefix(300))")
            for line in answer.body.split(separator: 0x0A) {
                guard count < expected.count, line.firstRange(of: expected[count]) != nil else {
                    Issue.record("\(what): row \(count) is \(String(decoding: line, as: UTF8.self))")
                    return -1
                }
                count += 1
            }
            path = answer.header("X-Next-Cursor").map { "/data?format=ndjson&limit=1000&cursor=\($0)" }
        }
        return count
    }

    static func stats(_ server: ServerProcess, _ part: String, _ name: String) throws -> Int {
        let stats = try JSONSerialization.jsonObject(with: Data(server.get("/stats").body)) as? [String: Any]
        return (stats?[part] as? [String: Any])?[name] as? Int ?? -1
    }

    static func normalized(_ server: ServerProcess) throws -> Int { try stats(server, "counts", "normalized") }

    /// What any program finds in the sealed files of a stopped server.
    static func sealedLines(_ directory: String) throws -> Int? {
        let result = try Subprocess.run("sh", ["-c", #"zcat "$1"/segments/tickers/*.jsonl.gz | wc -l"#, "sh", directory])
        return Int(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test func killedAtRandomMomentsOfALoad() throws {
        let (large, small) = (Self.history(), Self.history(rows: Self.fewRows))
        for round in 0..<Self.rounds {
            // Every sixteenth is large enough for a seal in the middle of the load.
            if round % 16 == 0 { try Self.kill(round, Self.rows, large) } else { try Self.kill(round, Self.fewRows, small) }
            if round % 50 == 49 { print("\(round + 1) rounds") }
        }
    }

    /// One round: killed in the middle of a load, loaded to the end, stopped, and looked at from outside and from inside.
    private static func kill(_ round: Int, _ rows: Int, _ history: (file: String, lines: [[UInt8]])) throws {
        let target = Int.random(in: 0...rows)
        let what = "round \(round), killed when \(target) of \(rows) rows were reported"
        let directory = try TemporaryDirectory()
        try directory.write(history.file, to: "inbox/history.csv")
        let first = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try first.post("/refresh?source=csv").status == 202, "\(what)")
        var reported = 0
        while reported < target { reported = try normalized(first) }
        try first.kill9()

        let second = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let survived = try normalized(second)
        #expect(survived >= reported, "\(what): \(reported) rows were reported, \(survived) are there")
        #expect(survived % batch == 0, "\(what): \(survived) rows: a batch is there in part")
        let run = try second.post("/refresh?source=csv&wait=60")
        #expect(run.text.contains(#""status":"success""#), "\(what): \(run.text)")
        #expect(try normalized(second) == rows, "\(what): after the second run")
        if round % 10 == 0 { #expect(try walk(second, history.lines, what) == rows, "\(what): the row set is not the file's") }
        try second.terminate()
        let lines = try sealedLines(directory.path)
        // A server might merge before it is asked.
        let status = try ControlSocketTests.object(ControlSocketTests.kasparro("status", "--json", "--data-dir", directory.path))
        let superseded = (status["store"] as? [String: Any])?["superseded_rows"] as? Int ?? -1

        let third = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try normalized(third) == rows, "\(what): after a clean stop")
        #expect(lines == rows + superseded, "\(what): zcat counts \(lines ?? -1) lines; \(superseded) are superseded")
        try third.terminate()
    }
}
