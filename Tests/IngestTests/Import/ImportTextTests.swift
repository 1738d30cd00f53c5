import MarketData
import TestSupport
import Testing

@testable import Ingest
@testable import TickerStore

@Suite struct ImportTextTests {
    private static let row =
        #"{"symbol":"BTC","name":"Bitcoin","price_usd":45000.50,"volume_24h":null,"market_cap":1,"percent_change_24h":-2.50,"#
        + #""timestamp":"2024-12-15T14:30:00.120Z","source":"csv","source_id":"btc"}"#

    private static func rows(_ text: String, formulas: TickerTable.Formulas = .escaped, piece: Int = 7) throws -> (rows: [String], isWhole: Bool) {
        try rows(bytes: Array(text.utf8), formulas: formulas, piece: piece)
    }

    private static func rows(bytes: [UInt8], formulas: TickerTable.Formulas = .escaped, piece: Int = 7) throws -> (
        rows: [String], isWhole: Bool
    ) {
        var rest = bytes[...]
        let input = ImportText(formulas: formulas) { buffer in
            let part = rest.prefix(min(buffer.count, piece))
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
        var rows: [String] = []
        while let row = try input.next() { rows.append(String(decoding: row, as: UTF8.self)) }
        return (rows, input.missing == nil)
    }

    @Test func rowsComeAsTheyStandAndTheEndVouchesForThem() throws {
        let whole = try Self.rows("\(Self.row)\n\(Self.row)\r\n{\"_end\":true,\"rows\":2}\n")
        #expect(whole.rows == [Self.row, Self.row] && whole.isWhole)
        #expect(try !Self.rows("\(Self.row)\n").isWhole)
        let two = "\(Self.row)\n{\"_end\":true,\"rows\":1}\n"
        #expect(try Self.rows(two + two).rows.count == 2)
        #expect(try !Self.rows(two + Self.row).isWhole)
        #expect(try !Self.rows("\n").isWhole)
        #expect(throws: ImportProblem.self) { try Self.rows("") }
    }

    @Test func aGzipFileThatIsCutGivesTheWholeLinesBeforeTheCut() throws {
        let text = String(repeating: Self.row + "\n", count: 20) + "{\"_end\":true,\"rows\":20}\n"
        // In members of a few bytes, so that each cut leaves something.
        let bytes = Array(text.utf8)
        let zipped = stride(from: 0, to: bytes.count, by: 150).flatMap { gzip(Array(bytes[$0..<min($0 + 150, bytes.count)])) }
        let whole = try Self.rows(bytes: zipped)
        #expect(whole.rows.count == 20 && whole.isWhole)
        for end in stride(from: 500, to: zipped.count - 1, by: 97) {
            let cut = try Self.rows(bytes: Array(zipped[..<end]))
            #expect(!cut.isWhole && cut.rows.count < 21 && cut.rows.allSatisfy { $0 == Self.row }, "cut at byte \(end)")
        }
        #expect(try !Self.rows(bytes: Array(zipped.dropLast())).isWhole)
        #expect(throws: ImportProblem.self) { try Self.rows(bytes: Array(zipped[..<5])) }
    }

    @Test func linesThatEndInTheMiddleOfARowWereCut() throws {
        let text = Array("\(Self.row)\n\(Self.row)\n{\"_end\":true,\"rows\":2}\n".utf8)
        let line = Self.row.utf8.count
        for end in line + 1..<text.count - 2 {
            let cut = try Self.rows(String(decoding: text[..<end], as: UTF8.self))
            // A row without its line's end is a row all the same.
            #expect(cut.rows.count == (end < 2 * line + 1 ? 1 : 2) && !cut.isWhole, "cut at byte \(end)")
        }
    }

    @Test func aTableThatEndsInTheMiddleOfALineWasCut() throws {
        var csv = TickerTable.header.withUTF8Buffer { Array($0) }
        let header = csv.count
        for name in ["A \\\"B\\\", C", "\\nD"] {
            #expect(TickerTable.append(line: Array(Self.row.replacing("Bitcoin", with: name).utf8).span, formulas: .escaped, to: &csv))
        }
        let whole = try Self.rows(String(decoding: csv, as: UTF8.self))
        #expect(whole.rows.count == 2 && whole.isWhole)
        let first = try #require(csv[header...].firstIndex(of: 0x0A)) + 1
        for end in header..<csv.count {
            let cut = try Self.rows(String(decoding: csv[..<end], as: UTF8.self))
            #expect(cut.rows == Array(whole.rows.prefix(end < first ? 0 : 1)), "cut at byte \(end)")
            #expect(cut.isWhole == (end == header || end == first), "cut at byte \(end)")
        }
        #expect(try !Self.rows(String(decoding: csv[..<(header - 1)], as: UTF8.self)).isWhole)
        #expect(try Self.rows(String(decoding: csv[..<header], as: UTF8.self)).isWhole)
    }

    @Test(arguments: [#"{"_end":true,"rows":3}"#, #"{"_end":true,"rows":1"#, #"{"_end":true,"rows":x}"#])
    func anEndWithAnotherNumberIsAnError(_ end: String) {
        #expect(throws: ImportText.Failure.self) { try Self.rows("\(Self.row)\n\(end)\n") }
    }

    @Test(arguments: ["Bitcoin", "A \\\"B\\\", C", "=1+1", "'=1", "''-x", "'plain", "NA", "-", "Ünï ☃ 🪙", "a\\\\b"])
    func aRowThatWentThroughCSVIsTheSame(_ name: String) throws {
        let line = Self.row.replacing("Bitcoin", with: name)
        for formulas in [TickerTable.Formulas.escaped, .raw] {
            var csv = TickerTable.header.withUTF8Buffer { Array($0) }
            #expect(TickerTable.append(line: Array(line.utf8).span, formulas: formulas, to: &csv))
            #expect(try Self.rows(String(decoding: csv, as: UTF8.self), formulas: formulas).rows == [line])
        }
    }

    @Test func anotherTableIsNoExport() {
        #expect(throws: ImportText.Failure.self) { try Self.rows("ticker,usd_price\nBTC,1\n") }
    }

    private static func batch(_ line: String) throws -> Batch? {
        var rows = RowImport(runID: "import_20241215_000000_abcdef", now: Timestamp(milliseconds: 1_734_300_000_000))
        #expect(try rows.add(Array(line.utf8)) == nil)
        return rows.takeRest()
    }

    @Test func aRowIsStoredByteForByte() throws {
        let batch = try #require(try Self.batch(Self.row))
        #expect(String(decoding: batch.lines, as: UTF8.self) == Self.row + "\n")
        #expect(String(decoding: batch.raw, as: UTF8.self) == Self.row)
        #expect(batch.origin.source == "csv" && batch.origin.runID.hasPrefix("import_"))
    }

    @Test(
        arguments: [
            (#""price_usd":45000.50"#, #""price_usd":0"#), (#""price_usd":45000.50"#, #""price_usd":"1""#), (#""price_usd":45000.50,"#, ""),
            (#""market_cap":1"#, #""market_cap":-1"#), ("2024-12-15T14:30:00.120Z", "2199-01-01T00:00:00Z"), ("2024-12-15T14:30:00.120Z", "soon"),
            (#""source":"csv""#, #""source":"No Name""#), (#""symbol":"BTC""#, #""symbol":"""#), (#""symbol":"BTC""#, #""symbol":"A\u0007""#),
            (#""source_id":"btc""#, #""source_id":"btc","extra":1"#), (#""market_cap":1"#, #""price_usd":1"#), ("{", "["),
        ]
    )
    func whatIsNoRowIsRefused(_ part: String, _ other: String) {
        let line = Self.row.replacing(part, with: other)
        #expect(line != Self.row)
        #expect(throws: ImportProblem.self) { try Self.batch(line) }
    }

    @Test func batchesAreOfOneSourceAndNotTooLarge() throws {
        var rows = RowImport(runID: "import_1", now: Timestamp(milliseconds: 1_734_300_000_000))
        var batches: [Batch] = []
        for number in 0..<3_500 {
            let line = Self.row.replacing("\"csv\"", with: "\"\(["a", "b", "c"][number % 3])\"").replacing("btc", with: "id\(number)")
            if let full = try rows.add(Array(line.utf8)) { batches.append(full) }
        }
        while let batch = rows.takeRest() { batches.append(batch) }
        #expect(batches.map(\.rows.count).reduce(0, +) == 3_500 && rows.isEmpty)
        #expect(batches.allSatisfy { $0.rows.count <= RowImport.batchRows && Set($0.series.map(\.source)) == [Array($0.origin.source.utf8)] })
        #expect(batches.map(\.origin.number) == Array(1...batches.count))
    }
}
