import Testing

@testable import HTTPAPI

@Suite struct QueryParametersTests {
    private let known = ["symbol", "limit", "from"]

    private func problem(_ query: String, _ read: (QueryParameters) throws -> Void = { _ in }) -> Problem? {
        do {
            try read(QueryParameters(query, known: known))
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

    @Test func plusIsAPlusSign() throws {
        #expect(try QueryParameters("from=a+b%20c", known: known).single("from") == "a+b c")
    }
}
