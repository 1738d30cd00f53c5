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
        let runs = RunCursor(sequence: 77, status: "failed", source: nil)
        #expect(RunCursor(runs.text) == runs)
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
        #expect(RunCursor(cursor.text) == nil)
        #expect(RowCursor(RunCursor(sequence: 1, status: nil, source: nil).text) == nil)
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
