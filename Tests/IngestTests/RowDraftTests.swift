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

    @Test func contentIsTheSameWhenNumbersHaveTheSameValue() throws {
        func hash(_ price: String, _ volume: String = "null", name: String = "A") throws -> Int {
            try Self.draft(
                #"{"symbol":"A","name":"\#(name)","price_usd":\#(price),"volume_24h":\#(volume),"timestamp":"2024-12-15"}"#,
                RecordFormat()
            )
            .contentHash
        }
        #expect(try hash("1.0") == hash("1") && hash("1e1") == hash("10.00") && hash("0.50") == hash("0.5"))
        #expect(try hash("1", "0.0") == hash("1", "0") && hash("100") != hash("1") && hash("1.01") != hash("1.1"))
        #expect(try hash("1", "0") != hash("1") && hash("1", name: "B") != hash("1"))
    }

    @Test func zeroIsNullWhereTheSourceSaysSo() throws {
        let zeros = #"{"symbol":"A","price_usd":5,"volume_24h":0.0,"market_cap":"0","percent_change_24h":-0.00,"timestamp":"2024-12-15"}"#
        let all = try Self.draft(zeros, RecordFormat(zeroIsNull: [.volume, .marketCap, .percentChange]))
        #expect(all.reasons.isEmpty && all.volume.isEmpty && all.marketCap.isEmpty && all.percentChange.isEmpty)
        let none = try Self.draft(zeros, RecordFormat())
        #expect(none.reasons.isEmpty && none.volume == Array("0.0".utf8) && none.percentChange == Array("0.00".utf8))
    }

    @Test func aTextThatAPatternDoesNotFitIsNotNull() throws {
        let format = RecordFormat(patterns: [.volume: "vol ([0-9]+)|no vol", .sourceID: "^[a-z]+$"])
        func reasons(_ volume: String, id: String = "a") throws -> [String] {
            try Self.draft(#"{"symbol":"A","price_usd":5,"volume_24h":"\#(volume)","timestamp":"2024-12-15","source_id":"\#(id)"}"#, format).reasons
        }
        #expect(try reasons("vol 7") == [] && reasons("no vol") == [], "a match without its group says that there is no value")
        #expect(try reasons(" ") == [] && reasons("N/A") == [])
        #expect(try reasons("7 coins") == ["bad_number"])
        #expect(try reasons("vol 7" + String(repeating: " ", count: 5_000)) == ["bad_number"])
        #expect(try reasons("vol 7", id: "7") == ["bad_source_id"])
    }

    @Test func aTextThatIsTooLongIsNotSearched() throws {
        let record = #"{"symbol":"A","price_usd":""# + String(repeating: " ", count: 5_000) + #"5","timestamp":"2024-12-15"}"#
        #expect(try Self.draft(record, RecordFormat(patterns: [.price: "5"])).reasons == ["bad_number"])
    }

    @Test(arguments: ["\u{20C0}5", "5 \u{20BF}", "\u{A3}5", "5 EUR", "R$5", "5%", "5%\\t", "5%\u{A0}", "5 % \u{2009}"]) func onlyDollarsAreDollars(
        price: String
    ) throws {
        #expect(try Self.draft(#"{"symbol":"A","price_usd":"\#(price)","timestamp":"2024-12-15"}"#, RecordFormat()).reasons == ["bad_number"])
    }
}
