import MarketData
import Testing

@testable import Ingest

/// What a format declares, for records of any kind.
@Suite struct RowDraftTests {
    private static func draft(_ json: String, _ format: RecordFormat) throws -> RowDraft {
        var draft = RowDraft(now: Timestamp(milliseconds: 1_767_225_600_000), format: format)
        let root = try JSONDocument(parsing: Array(json.utf8)).root
        draft.begin()
        for field in TickerField.allCases { draft.set(field, json: root.member(field.rawValue)) }
        _ = draft.finish()
        return draft
    }

    @Test func constantsWinOverJSON() throws {
        let record = #"{"symbol":["a"],"name":"x","price_usd":5,"timestamp":"2024-12-15"}"#
        let draft = try Self.draft(record, RecordFormat(constants: [.symbol: "eur", .name: "Euro", .price: "1.50"]))
        #expect(draft.reasons.isEmpty && draft.symbol == Array("EUR".utf8) && draft.name == Array("Euro".utf8) && draft.price == Array("1.50".utf8))
    }

    @Test func patternsReadJSONTextsAndNumbers() throws {
        let format = RecordFormat(patterns: [.price: #"\$([0-9,.]+)"#, .symbol: "^[A-Z]+", .timestamp: "[0-9]{10}"])
        let draft = try Self.draft(#"{"symbol":"BTC-USD","price_usd":"now $60,309.10!","timestamp":17342208001}"#, format)
        #expect(draft.reasons.isEmpty, "\(draft.reasons)")
        #expect(draft.symbol == Array("BTC".utf8) && draft.price == Array("60309.10".utf8) && draft.timestamp.milliseconds == 1_734_220_800_000)
        let other = try Self.draft(#"{"symbol":"BTC","price_usd":{"usd":5},"timestamp":1734220800}"#, format)
        #expect(other.reasons == ["bad_price_usd"])
    }

    @Test func aTextThatIsTooLongHasNoValue() throws {
        let record = #"{"symbol":"A","price_usd":""# + String(repeating: " ", count: 5_000) + #"5","timestamp":"2024-12-15"}"#
        #expect(try Self.draft(record, RecordFormat(patterns: [.price: "5"])).reasons == ["missing_price_usd"])
    }

    @Test(arguments: ["\u{20C0}5", "5 \u{20BF}", "\u{A3}5", "5 EUR", "R$5", "5%"]) func onlyDollarsAreDollars(price: String) throws {
        #expect(try Self.draft(#"{"symbol":"A","price_usd":"\#(price)","timestamp":"2024-12-15"}"#, RecordFormat()).reasons == ["bad_number"])
    }
}
