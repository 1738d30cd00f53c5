import Foundation
import Testing

/// The process dies at any moment; the oracle is out here.
@Suite(.serialized, .enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct KillTests {
    static let rows = 100_000
    static let batch = 1_000

    /// A file in time order, and the lines that its rows must become.
    static func history() -> (file: String, lines: [[UInt8]]) {
        var file = "symbol,price_usd,timestamp\n"
        var lines: [[UInt8]] = []
        lines.reserveCapacity(rows)
        for row in 0..<rows {
            let time = 1_600_000_000 + row
            let symbol = "C\(row % 251)"
            file += "\(symbol),\(row + 1).50,\(time)\n"
            lines.append(Array("\"price_usd\":\(row + 1).50,".utf8))
        }
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

    static func normalized(_ server: ServerProcess) throws -> Int {
        let stats = try JSONSerialization.jsonObject(with: Data(server.get("/stats").body)) as? [String: Any]
        return (stats?["counts"] as? [String: Any])?["normalized"] as? Int ?? -1
    }

    @Test func killedAtFiftyRandomMomentsOfALoad() throws {
        let (file, expected) = Self.history()
        var generator = SystemRandomNumberGenerator()
        for round in 0..<50 {
            let target = Int.random(in: 0...Self.rows, using: &generator)
            let what = "round \(round), killed when \(target) rows were reported"
            let directory = try TemporaryDirectory()
            try directory.write(file, to: "inbox/history.csv")
            let first = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
            #expect(try first.post("/refresh?source=csv").status == 202, "\(what)")
            var reported = 0
            while reported < target { reported = try Self.normalized(first) }
            try first.kill9()

            let second = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
            let survived = try Self.normalized(second)
            #expect(survived >= reported, "\(what): \(reported) rows were reported, \(survived) are there")
            #expect(survived % Self.batch == 0, "\(what): \(survived) rows: a batch is there in part")
            // Only some rounds look at every row before the end; each does after it.
            if round % 10 == 0 { #expect(try Self.walk(second, expected, what) == survived, "\(what)") }
            let run = try second.post("/refresh?source=csv&wait=60")
            #expect(run.text.contains(#""status":"success""#), "\(what): \(run.text)")
            #expect(try Self.normalized(second) == Self.rows, "\(what): after the second run")
            if round % 5 == 0 { #expect(try Self.walk(second, expected, what) == Self.rows, "\(what): the row set is not the file's") }
            try second.terminate()
        }
    }
}
