import MarketData
import TestSupport
import Testing

@Suite struct JSONSplitterTests {
    private static func pieces(_ text: String, _ pointer: String = "") throws -> [String] {
        let splitter = try JSONSplitter(bytes(text), pointer: JSONPointer(pointer)!)
        var found: [String] = []
        splitter.forEachPiece { piece in
            let key = piece.key.map { MarketDataTests.text(Array(splitter.bytes[$0])) + ":" } ?? ""
            found.append(key + MarketDataTests.text(Array(splitter.bytes[piece.value])))
            return true
        }
        return found
    }

    private static func failure(_ text: String, _ pointer: String = "") -> JSONSplitter.Failure? {
        do throws(JSONSplitter.Failure) {
            _ = try JSONSplitter(bytes(text), pointer: JSONPointer(pointer)!)
            return nil
        } catch {
            return error
        }
    }

    @Test func recordsAreFoundWhateverIsInThem() throws {
        #expect(
            try Self.pieces(#" [ {"a":"]},{\""} ,NaN, {"b":[1,{"c":2}]},"x,y" ,-Infinity ] "#) == [
                #"{"a":"]},{\""}"#, "NaN", #"{"b":[1,{"c":2}]}"#, #""x,y""#, "-Infinity",
            ]
        )
        #expect(try Self.pieces(#"{"a" : {"x":01} , "a\"b":2}"#) == [#""a":{"x":01}"#, #""a\"b":2"#])
        #expect(try Self.pieces("[]").isEmpty && Self.pieces(" {} ").isEmpty && Self.pieces("12").isEmpty)
        #expect(try Self.pieces("[1,,2,]") == ["1", "2"])
    }

    @Test func thePointerIsFollowed() throws {
        let text = #"{"x":NaN,"data":{"list":[[],[{"a":1},2]]},"d\u0061ta2":[7]}"#
        #expect(try Self.pieces(text, "/data/list/1") == [#"{"a":1}"#, "2"])
        #expect(try Self.pieces(text, "/data2") == ["7"])
        #expect(
            Self.failure(text, "/data/other") == .absent && Self.failure(text, "/x/y") == .absent && Self.failure(text, "/data/list/2") == .absent
        )
        guard case .malformed = Self.failure(#"{"d":[1],"d":[2]}"#, "/d") else { return #expect(Bool(false), "which of the two?") }
    }

    @Test func aCutTextHasNoRecords() {
        let text = #"{"data":[{"a":"b\"c"},{"a":2}],"n":null}"#
        for length in 1..<text.utf8.count { #expect(Self.failure(String(text.prefix(length)), "/data") == .truncated, "cut after \(length)") }
        #expect(Self.failure(text, "/data") == nil)
    }

    @Test(arguments: ["[1]]", "[1] x", "[1 2]", "{\"a\" 1}", "{a:1}", "", "]", "[:]", "[{\"a\":1}}"])
    func whatIsNoStructureIsRefused(text: String) {
        #expect(Self.failure(text) != nil)
    }

    @Test func aBombCostsNothing() {
        let bomb = [UInt8](repeating: UInt8(ascii: "["), count: 10 << 20)
        #expect(throws: JSONSplitter.Failure.truncated) { try JSONSplitter(bomb, pointer: JSONPointer("")!) }
        #expect(throws: JSONDocument.Failure.self) { try JSONDocument(parsing: bomb) }
        let whole = bomb + [UInt8](repeating: UInt8(ascii: "]"), count: 10 << 20)
        var count = 0
        try? JSONSplitter(whole, pointer: JSONPointer("")!).forEachPiece { _ in
            count += 1
            return true
        }
        #expect(count == 1)
    }

    @Test func whatTheStrictReaderTakesIsSplitAlike() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<500 {
            let elements = (0..<random.below(5)).map { _ in Self.value(&random, depth: 0) }
            let text = "[" + elements.joined(separator: " , ") + "]"
            #expect(try Self.pieces(text) == elements)
        }
    }

    private static func value(_ random: inout SplitMix64, depth: Int) -> String {
        switch random.below(depth > 3 ? 3 : 5) {
        case 0: return random.pick(["1", "-2.5e9", "true", "null"])
        case 1: return random.pick([#""a""#, #""\\""#, #""\"[{""#, #""é]},""#])
        case 2: return random.pick(["[]", "{}"])
        case 3: return "[" + (0..<random.below(4)).map { _ in value(&random, depth: depth + 1) }.joined(separator: ",") + "]"
        default:
            return "{" + (0..<random.below(4)).map { #""k\#($0)":"# + value(&random, depth: depth + 1) }.joined(separator: ",") + "}"
        }
    }
}
