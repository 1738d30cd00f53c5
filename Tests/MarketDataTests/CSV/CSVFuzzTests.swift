import MarketData
import TestSupport
import Testing

@Suite struct CSVFuzzTests {
    @Test func randomTablesComeBackWhateverTheQuotingAndThePieces() throws {
        try fuzz { seed, random in
            let separator = random.pick([",", ";", "\t", "|"])
            let width = 1 + random.below(5)
            let letters = ["a", "1", "é", "🚀", " ", "\"", "\n", "\r", "\r\n", ",", ";", "\t", "|", "'", "\u{0}"]
            let rows = (0..<random.below(8)).map { _ in
                (0..<width).map { _ in (0..<random.below(6)).map { _ in random.pick(letters) }.joined() }
            }
            var content = ""
            for (index, row) in rows.enumerated() {
                content += row.map { Self.written($0, separator, alone: width == 1, random: &random) }.joined(separator: separator)
                if index < rows.count - 1 || random.bool() { content += random.pick(["\n", "\r\n"]) }
            }
            let piece = random.bool() ? 1 + random.below(20) : .max
            let read = try fields(content, Character(separator), piece: piece)
            #expect(read == rows, "seed \(seed): \(content.debugDescription)")
        }
    }

    /// A field as a file may hold it: in quotes when it must be, or when it happens to be.
    static func written(_ field: String, _ separator: String, alone: Bool, random: inout SplitMix64) -> String {
        let scalars = field.unicodeScalars
        let mustBeQuoted = field.isEmpty && alone || scalars.contains { "\r\n\"".unicodeScalars.contains($0) || String($0) == separator }
        guard mustBeQuoted || random.bool() else { return field }
        return "\"" + scalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    @Test func randomBytesNeverTrapAndPiecesMakeNoDifference() throws {
        let letters = bytes("a1,;\"\"\n\r \t|#")
        try fuzz { seed, random in
            let content = (0..<random.below(120)).map { _ in
                random.below(12) == 0 ? UInt8.random(in: 0...255, using: &random) : random.pick(letters)
            }
            let limit = random.pick([5, 40, 1 << 20])
            let piece = 1 + random.below(9)
            let whole = try CSVResyncTests.readAll(CSVReader(content, limit: limit))
            let pieces = try CSVResyncTests.readAll(CSVReader(content, limit: limit, piece: piece))
            #expect(whole.good == pieces.good, "seed \(seed): \(content)")
            #expect(whole.bad == pieces.bad, "seed \(seed): \(content)")
            #expect(whole.failures == pieces.failures, "seed \(seed): \(content)")
        }
    }
}
