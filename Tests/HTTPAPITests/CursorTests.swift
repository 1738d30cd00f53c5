import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct CursorTests {
    private let cursor = RowCursor(
        filters: RowFilters(
            symbols: [Array("BTC".utf8), Array("ETH".utf8)],
            sources: [Array("csv".utf8)],
            sourceIDs: [],
            from: Timestamp(milliseconds: -5),
            to: nil,
            direction: .ascending
        ),
        travel: .backward,
        position: RowPosition(
            timestamp: Timestamp(milliseconds: 1_734_273_000_007),
            series: SeriesKey(symbol: "BTC", source: "csv", sourceID: "bitcoin")
        )
    )

    @Test func aCursorComesBackAsItWas() throws {
        #expect(RowCursor(cursor.text) == cursor)
        let empty = RowCursor(filters: RowFilters(), travel: .forward, position: nil)
        #expect(RowCursor(empty.text) == empty)
        for order in RowOrder.all {
            var ordered = cursor
            ordered.filters.order = order
            if case .number = order { ordered.position?.literal = Array("-0.50".utf8) }
            #expect(RowCursor(ordered.text) == ordered)
        }
        var filters = ListFilters()
        filters.rows.sources = [Array("csv".utf8)]
        filters.rows.to = Timestamp(milliseconds: 5)
        filters.words = ["status": "failed", "a": "b"]
        let runs = ListCursor(kind: .runs, filters: filters, position: [1, 2])
        #expect(ListCursor(runs.text, .runs) == runs)
        #expect(ListCursor(runs.text, .latest) == nil)
    }

    /// Anybody can write a cursor; its sum is no secret.
    @Test(arguments: [Int64.min, Int64.max, Int64.max - 5, 253_402_300_800_000, -62_167_219_200_001])
    func timesOfNoCalendarAreRefused(_ milliseconds: Int64) async throws {
        let server = TestServer()
        var filters = ListFilters()
        filters.words = ["interval": "1w"]
        filters.rows.symbols = [Array("BTC".utf8)]
        filters.rows.sources = [Array("csv".utf8)]
        filters.rows.sourceIDs = [Array("BTC".utf8)]
        for direction in [SortDirection.ascending, .descending] {
            filters.rows.direction = direction
            var place = CursorWriter()
            place.integer(milliseconds)
            var cursors = [ListCursor(kind: .prices, filters: filters, position: place.bytes).text]
            var bounded = filters
            bounded.rows.from = Timestamp(milliseconds: milliseconds)
            cursors.append(ListCursor(kind: .prices, filters: bounded, position: []).text)
            (bounded.rows.from, bounded.rows.to) = (nil, Timestamp(milliseconds: milliseconds))
            cursors.append(ListCursor(kind: .prices, filters: bounded, position: []).text)
            for cursor in cursors { #expect(try await server.ask("/ohlc?cursor=\(cursor)").problem().code == "invalid_cursor") }
            let rows = RowCursor(filters: bounded.rows, travel: .forward, position: nil).text
            #expect(try await server.ask("/data?cursor=\(rows)").problem().code == "invalid_cursor")
        }
    }

    @Test func itsTextNeedsNoEscaping() {
        #expect(
            cursor.text.utf8.allSatisfy { byte in
                let scalar = Unicode.Scalar(byte)
                return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_"
            }
        )
    }

    @Test func everyChangedCharacterIsNoticed() {
        let text = Array(cursor.text.utf8)
        for index in text.indices {
            for replacement in "Aa0-_".utf8 where replacement != text[index] {
                var changed = text
                changed[index] = replacement
                #expect(RowCursor(String(decoding: changed, as: UTF8.self)) == nil)
            }
        }
    }

    @Test func everyCutIsNoticed() {
        let text = cursor.text
        for length in 0..<text.utf8.count { #expect(RowCursor(String(text.prefix(length))) == nil) }
        #expect(RowCursor(text + "A") == nil)
        #expect(RowCursor(text + "=") == nil)
        #expect(RowCursor(text.lowercased()) == nil)
    }

    @Test func aCursorOfAnotherListIsNone() {
        #expect(ListCursor(cursor.text, .runs) == nil)
        #expect(RowCursor(ListCursor(kind: .runs, filters: ListFilters(), position: []).text) == nil)
    }

    @Test func lengthsThatLieAreRefusedWithoutATrap() {
        for bytes in [
            [0xFF], [0x80], [0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 3, 9],
        ] as [[UInt8]] {
            var fields = CursorWriter()
            for byte in bytes { fields.byte(byte) }
            #expect(RowCursor(CursorBytes.seal(.rows, fields)) == nil)
        }
    }

    /// Written by nobody, with a checksum that fits.
    @Test(arguments: ["x", "+1", "1e5", "01", "-0", "null", String(repeating: "9", count: 65)]) func aNumberThatNoRowHasIsRefused(_ text: String) {
        var other = cursor
        other.filters.order = .number(.price)
        other.position?.literal = Array(text.utf8)
        #expect(RowCursor(other.text) == nil)
    }

    @Test func aCursorOfAnEarlierVersionIsNone() {
        var bytes = Base64URL.decode(cursor.text)!.dropLast(4)
        bytes[0] = 1
        let sum = bytes.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: sum >> shift)) }
        #expect(RowCursor(Base64URL.encode(Array(bytes))) == nil)
    }

    @Test func base64HasTheVectorsOfRFC4648() {
        let vectors = [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy"),
        ]
        for (plain, encoded) in vectors {
            #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
            #expect(Base64URL.decode(encoded) == Array(plain.utf8))
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        for bad in ["Z", "Zh", "Zg==", "Zm9v+g", "Zm 9"] { #expect(Base64URL.decode(bad) == nil) }
    }
}
