import MarketData
import TestSupport
import Testing

@Suite struct JSONGrammarTests {
    static func failure(_ bytes: [UInt8]) -> JSONDocument.Failure? {
        do throws(JSONDocument.Failure) {
            _ = try JSONDocument(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }

    static func failure(_ text: String) -> JSONDocument.Failure? { failure(bytes(text)) }

    @Test(arguments: [
        "0", "-0", "1", "-1", "10", "1.0", "0.1", "-0.1", "1e5", "1E5", "1e+5", "1e-5", "0e0", "0.0e00", "123456789012345678901234.5",
        "1e400", "\"\"", "\"a\"", #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9\u20AC""#, #""\uD83D\uDE80""#, #""\ud83d\ude80x""#,
        "\"é€🚀\"", "\"\u{7F}\u{2028}\"", "\"\u{FFFF}\"", "[]", "{}", "[ ]", "{ }", "[1]", "[1,2]", "[ 1 , 2 ]", "[[],{}]",
        #"{"a":1}"#, #"{"a":1,"b":[true,false,null]}"#, #"{"":1}"#, #"{"a":{"a":1}}"#, #"[{"a":1},{"a":1}]"#, "true", "false", "null",
        " \t\r\n1 \t\r\n", #"{"a":1,"A":2}"#,
    ])
    func wellFormedTextsAreAccepted(text: String) {
        #expect(Self.failure(text) == nil, "\(text)")
    }

    @Test(
        arguments: [
            ("", .empty, 0), (" \n", .empty, 2), ("[", .unexpectedEnd, 1), ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1), ("[1 2]", .unexpectedByte, 3),
            ("[1}", .unexpectedByte, 2), ("]", .unexpectedByte, 0), (#"{"a"}"#, .unexpectedByte, 4), (#"{"a":}"#, .unexpectedByte, 5),
            (#"{"a":1,}"#, .unexpectedByte, 7), (#"{,"a":1}"#, .unexpectedByte, 1), ("{a:1}", .unexpectedByte, 1),
            ("{1:1}", .unexpectedByte, 1), ("{'a':1}", .unexpectedByte, 1), (#"{"a" 1}"#, .unexpectedByte, 5),
            (#"{"a":1 "b":2}"#, .unexpectedByte, 7), ("1 2", .trailingBytes, 2), ("{}{}", .trailingBytes, 2), ("nul", .unexpectedEnd, 3),
            ("nulL", .unexpectedByte, 3), ("True", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0), ("-Infinity", .invalidNumber, 1),
            ("01", .invalidNumber, 1), ("-01", .invalidNumber, 2), ("-", .unexpectedEnd, 1), ("+1", .unexpectedByte, 0),
            (".5", .unexpectedByte, 0), ("1.", .unexpectedEnd, 2), ("[1.]", .invalidNumber, 3), ("1e", .unexpectedEnd, 2),
            ("1e+", .unexpectedEnd, 3), ("[1e]", .invalidNumber, 3), ("0x10", .trailingBytes, 1), ("1_000", .trailingBytes, 1),
            ("// c\n1", .unexpectedByte, 0), ("[1/**/]", .unexpectedByte, 2), ("\"", .unexpectedEnd, 1), ("\"a", .unexpectedEnd, 2),
            ("\"\n\"", .controlCharacter, 1), ("\"\u{0}\"", .controlCharacter, 1), ("\"\u{1F}\"", .controlCharacter, 1),
            (#""\a""#, .invalidEscape, 1), (#""\u12""#, .invalidEscape, 1), (#""\u12G4""#, .invalidEscape, 1), (#""\"#, .unexpectedEnd, 2),
            (#""\ud800""#, .invalidEscape, 1), (#""\ud800x""#, .invalidEscape, 1), (#""\ud800\n""#, .invalidEscape, 1),
            (#""\ud800\ud800""#, .invalidEscape, 1), (#""\udc00""#, .invalidEscape, 1), (#""\udc00\ud800""#, .invalidEscape, 1),
            ("\u{FEFF}1", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0), ("\u{B}1", .unexpectedByte, 0), ("1\u{0}", .trailingBytes, 1),
            ("<html>", .unexpectedByte, 0),
        ] as [(String, JSONDocument.Failure.Reason, Int)]
    )
    func malformedTextsAreRefusedWhereTheyGoWrong(text: String, reason: JSONDocument.Failure.Reason, offset: Int) {
        let failure = Self.failure(text)
        #expect(failure?.reason == reason, "\(text): \(String(describing: failure))")
        #expect(failure?.offset == offset, "\(text): \(String(describing: failure))")
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0x80, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22],
            [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xF0, 0x9F, 0x9A, 0x22], [0x22, 0xE2, 0x82],
        ] as [[UInt8]]
    )
    func textThatIsNotUTF8IsRefused(bytes: [UInt8]) {
        #expect(Self.failure(bytes)?.reason == .invalidUTF8, "\(bytes)")
        #expect(Self.failure(bytes)?.offset == 1)
    }

    @Test func sixtyFourLevelsFitAndSixtyFiveDoNot() {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(Self.failure(nested(64)) == nil)
        #expect(Self.failure(nested(65))?.reason == .tooDeep)
        #expect(Self.failure(nested(65))?.offset == 64)
        #expect(Self.failure(String(repeating: "[", count: 100_000))?.reason == .tooDeep)
        let objects = String(repeating: #"{"a":"#, count: 65)
        #expect(Self.failure(objects)?.reason == .tooDeep)
    }

    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"a":2}"#, #"{"\/":1,"\u002f":2}"#,
        #"{"":1,"":2}"#, #"{"é":1,"\u00e9":2}"#, #"{"🚀":1,"\ud83d\ude80":2}"#, #"{"x":[{"a":1,"a":2}]}"#,
        #"{"long_key_one":1,"long_key_one":2}"#, #"{"a":{"b":1},"a":2}"#,
    ])
    func oneKeyTwiceIsRefused(text: String) {
        #expect(Self.failure(text)?.reason == .duplicateKey, "\(text)")
    }

    @Test func keysThatOnlyLookAlikeAreDifferent() {
        #expect(Self.failure(#"{"12345678x12345678":1,"12345678y12345678":2,"1234567812345678":3}"#) == nil)
        #expect(Self.failure(#"{"e\u0301":1,"é":2}"#) == nil, "no normalisation")
        #expect(Self.failure(#"{"a":1,"a\u0000":2}"#) == nil)
    }

    @Test func largeObjectsAreCheckedToo() {
        let members = (0..<20_000).map { "\"k\($0)\":{\"k\($0)\":0}" }
        #expect(Self.failure("{" + members.joined(separator: ",") + "}") == nil)
        let twice = members + [#""k1\u0039999":1"#]
        #expect(Self.failure("{" + twice.joined(separator: ",") + "}")?.reason == .duplicateKey)
        for count in 40..<60 {
            let keys = (0..<count).map { "\"k\($0)\":0" } + ["\"k\(count / 2)\":1"]
            #expect(Self.failure("{" + keys.joined(separator: ",") + "}")?.reason == .duplicateKey, "\(count) keys")
        }
    }

    @Test func aFailureSaysLineAndColumn() {
        let failure = Self.failure("{\n  \"a\": 1,\n  \"a\": 2\n}")
        #expect(failure?.line == 3 && failure?.column == 3)
        #expect(failure?.description == "byte 14 (line 3, column 3): this object has the same key twice")
    }

    @Test func aTextCutAnywhereIsRefused() {
        let whole = bytes(#"{"a":[1,-2.5e3,"x\n\ud83d\ude80é",true,false,null],"b":{"c":{}}}"#)
        #expect(Self.failure(whole) == nil)
        for end in 0..<whole.count {
            #expect(Self.failure(Array(whole[..<end])) != nil, "\(end) bytes")
        }
    }

    @Test func mutatedTextsNeverTrapAndWhatParsesParsesAgain() throws {
        let seeds = [
            #"{"id":"btc","price":1.5e-9,"tags":["a","\u00e9",null],"q":{"USD":{"p":-0.0}}}"#,
            "[[],{},\"\\\"\\\\\",true,false,0,-1,[[[]]], \"é€🚀\" ]",
        ].map { bytes($0) }
        try fuzz { seed, random in
            var text = random.pick(seeds)
            for _ in 0...random.below(3) {
                let place = random.below(text.count)
                switch random.below(4) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &random)
                case 1: text[place] = random.pick(bytes("{}[]\",:\\u0e-"))
                case 2: text.remove(at: place)
                default: text.insert(random.pick(text), at: place)
                }
                if text.isEmpty { return }
            }
            guard let document = try? JSONDocument(parsing: text) else { return }
            var pending = [document.root]
            while let value = pending.popLast() {
                let raw = Array(text[value.raw])
                let again = try #require(try? JSONDocument(parsing: raw), "seed \(seed): \(MarketDataTests.text(raw))")
                #expect(again.root.kind == value.kind && again.root.count == value.count, "seed \(seed)")
                #expect(again.root.string == value.string, "seed \(seed)")
                pending += value.elements
                pending += value.members.flatMap { [$0.key, $0.value] }
            }
        }
    }
}
