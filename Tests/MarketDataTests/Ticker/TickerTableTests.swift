import MarketData
import Testing

@Suite struct TickerTableTests {
    private func record(
        symbol: String = "BTC",
        name: String = "Bitcoin",
        volume: String = "",
        change: String = "-2.50",
        sourceID: String = "btc",
        _ formulas: TickerTable.Formulas = .escaped
    ) -> String {
        let none: [UInt8] = []
        var line: [UInt8] = []
        TickerLine.append(
            symbol: Array(symbol.utf8).span,
            name: Array(name.utf8).span,
            price: Array("45000.50".utf8).span,
            volume: Array(volume.utf8).span,
            marketCap: none.span,
            percentChange: Array(change.utf8).span,
            timestamp: Timestamp(milliseconds: 1_734_220_800_123),
            source: Array("csv".utf8).span,
            sourceID: Array(sourceID.utf8).span,
            to: &line
        )
        var out: [UInt8] = []
        #expect(TickerTable.append(line: line.span, formulas: formulas, to: &out))
        return String(decoding: out, as: UTF8.self)
    }

    @Test func aRowIsARecordWithEveryDigitAndEmptyCellsForNull() {
        #expect(record() == "BTC,Bitcoin,45000.50,,,-2.50,2024-12-15T00:00:00.123Z,csv,btc\n")
    }

    @Test func textsWithSeparatorsAndQuotesAreQuoted() {
        #expect(record(name: #"A "B", C\D"#).contains(#","A ""B"", C\D","#))
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''@x"])
    func aTextThatASpreadsheetWouldRunGetsAnApostropheThatCanBeTakenAway(_ name: String) {
        #expect(record(name: name).contains(",'\(name),"))
        #expect(record(name: name, .raw).contains(",\(name),"))
        var text: [UInt8] = []
        TickerTable.appendText(escaped: Array("'\(name)".utf8).span, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == name)
    }

    @Test(arguments: ["'Quoted'", "it's", "'", "a=b", "0"])
    func anyOtherTextIsLeftAlone(_ name: String) {
        #expect(record(name: name).contains(",\(name),"))
        var text: [UInt8] = []
        TickerTable.appendText(escaped: Array(name.utf8).span, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == name)
    }

    @Test func aFormulaWithASeparatorIsEscapedAndQuoted() {
        #expect(record(name: #"=HYPERLINK("x","y")"#).contains(#","'=HYPERLINK(""x"",""y"")","#))
    }

    @Test func whatIsNoRowGivesNothing() {
        var out: [UInt8] = [1]
        #expect(!TickerTable.append(line: Array("{}".utf8).span, formulas: .escaped, to: &out))
        #expect(out == [1])
    }
}
