import MarketData
import Testing

@testable import HTTPAPI

@Suite struct QueryParametersTests {
    private let known = ["symbol", "limit", "from"]

    private func problem(_ query: String, known: [String]? = nil, _ read: (QueryParameters) throws -> Void = { _ in }) -> Problem? {
        do {
            try read(QueryParameters(query, known: known ?? self.known))
            return nil
        } catch {
            return error as? Problem
        }
    }

    @Test func aMisspeltNameIsToldWithTheNearestOne() throws {
        let problem = try #require(self.problem("limit=5&sybmol=BTC"))
        #expect(problem.code == "unknown_parameter")
        #expect(problem.parameter == "sybmol")
        #expect(problem.detail.hasPrefix("unknown parameter `sybmol`, did you mean `symbol`?"))
        let far = try #require(self.problem("zzzzzz=1"))
        #expect(far.detail == "unknown parameter `zzzzzz`. Known here: symbol, limit, from.")
    }

    @Test func probesMayAddAnything() throws {
        #expect(throws: Never.self) { try QueryParameters("a=%zz&b", known: nil) }
    }

    @Test(arguments: ["symbol=%", "symbol=%2", "symbol=%zz", "symbol=%ff", "symbol=%00", "symbol=a%0Ab"])
    func brokenPercentEncodingIsRefused(_ query: String) throws {
        #expect(try #require(problem(query)).parameter == "symbol")
    }

    @Test func aControlCharacterIsCalledWhatItIs() throws {
        for text in ["%00", "a%0Ab", "%7F", "%1f"] {
            let detail = try #require(problem("symbol=\(text)")).detail
            #expect(detail.contains("control character") && !detail.contains("UTF-8"), "\(text): \(detail)")
        }
        for text in ["%", "%zz", "%ff"] { #expect(try #require(problem("symbol=\(text)")).detail.contains("not valid percent-encoded UTF-8")) }
    }

    @Test(arguments: [
        (#"A\,B"#, ["A,B"]), (#"A\,B,C"#, ["A,B", "C"]), (#"C,\,"#, ["C", ","]), (#"A\B"#, [#"A\B"#]), (#"A\\,B"#, [#"A\,B"#]),
        (#" A , B ,, "#, ["A", "B"]), (#"A\"#, [#"A\"#]), ("e\u{301}, x", ["e\u{301}", "x"]),
    ])
    func aCommaBehindABackslashBelongsToTheElement(text: String, elements: [String]) throws {
        #expect(CommaList.elements(of: text) == elements)
        let encoded = try QueryParameters("symbol=\(PercentEncoding.encode(text))", known: known)
        #expect(try encoded.list("symbol") == elements, "however the client has encoded it")
        for element in elements { #expect(CommaList.elements(of: CommaList.element(element)) == [element]) }
    }

    @Test(arguments: ["symbol=", "symbol", "limit=&symbol=BTC"])
    func anEmptyValueIsRefused(_ query: String) throws {
        #expect(try #require(problem(query)).detail.contains("is empty"))
    }

    @Test func aRepeatedSingleValueIsRefusedAndARepeatedListJoined() throws {
        #expect(
            try #require(problem("limit=1&limit=1") { _ = try $0.integer("limit", in: 1...9) }).detail.contains(
                "2 times"
            )
        )
        let query = try QueryParameters("symbol=BTC,%20ETH,&symbol=XRP", known: known)
        #expect(try query.list("symbol") == ["BTC", "ETH", "XRP"])
        #expect(try #require(problem("symbol=,") { _ = try $0.list("symbol") }).parameter == "symbol")
    }

    @Test(arguments: ["0", "1001", "-1", "+5", "5.0", "abc", "99999999999999999999", "٣"])
    func numbersAreWholeAndInRange(_ text: String) throws {
        #expect(problem("limit=\(text)") { _ = try $0.integer("limit", in: 1...1000) } != nil)
    }

    @Test(arguments: ["2025", "2025.5", "20250101", "202501", "0", "1230767999", "%202025"])
    func aNumberBeforeAnyRowIsNoTime(_ text: String) throws {
        for name in ["from", "start", "to", "end"] {
            let problem = try #require(self.problem("\(name)=\(text)", known: [name]) { _ = try GivenFilters($0) })
            #expect(problem.parameter == name && problem.detail.contains("`2024-12-15`"), "\(problem.detail)")
        }
    }

    @Test func aYearIsToldHowItIsWritten() throws {
        let problem = try #require(self.problem("from=2025", known: ["from"]) { _ = try GivenFilters($0) })
        #expect(problem.detail.hasPrefix("`from=2025` is a number that means 1970-01-01T00:33:45Z, before any row. The year is `2025-01-01`."))
    }

    @Test(arguments: ["1230768000", "1734271200", "1734271200000", "1734271200.5", "2008-01-01", "1970-01-01T00:00:00Z"])
    func numbersFromTheFirstRowOnAndAnyDateAreTimes(_ text: String) throws {
        #expect(try GivenFilters(QueryParameters("from=\(text)", known: ["from"])).filters.from != nil)
    }

    @Test func plusIsAPlusSign() throws {
        #expect(try QueryParameters("from=a+b%20c", known: known).single("from") == "a+b c")
    }
}
