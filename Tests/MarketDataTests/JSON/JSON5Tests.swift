import TestSupport
import Testing

@testable import MarketData

/// The texts that people write configurations in.
@Suite struct JSON5Tests {
    static func json(_ text: String) throws -> String {
        let document = try JSON5Document(parsing: bytes(text))
        var writer = JSONWriter()
        write(document.root, to: &writer)
        return MarketDataTests.text(writer.bytes)
    }

    static func write(_ value: JSONValue, to writer: inout JSONWriter) {
        switch value.kind {
        case .object:
            writer.beginObject()
            for (key, member) in value.members {
                writer.key(key.string!)
                write(member, to: &writer)
            }
            writer.endObject()
        case .array:
            writer.beginArray()
            for element in value.elements { write(element, to: &writer) }
            writer.endArray()
        case .string: writer.string(value.string!)
        default: writer.raw(value.withRaw { raw in raw.indices.map { raw[$0] } })
        }
    }

    static func failure(_ text: String) -> JSON5Document.Failure? {
        do throws(JSON5Document.Failure) {
            _ = try JSON5Document(parsing: bytes(text))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("{ a: 1, $b_2: 'x', \"c\": [1, 2,], } // end", #"{"a":1,"$b_2":"x","c":[1,2]}"#),
        ("/* a */ { // b\n a /* c */ : /* d */ true /* e */ , /* f */ }", #"{"a":true}"#),
        ("{ true: false, null: null, NaN: 1 }", #"{"true":false,"null":null,"NaN":1}"#),
        ("[.5, 5., +1, -.5, 1e3, 5.e2, -0]", "[0.5,5,1,-0.5,1e3,5e2,-0]"),
        (#"['it\'s "so"', "it's", 'a\x41\u0042\v\0\q']"#, ##"["it's \"so\"","it's","aAB\u000b\u0000q"]"##),
        ("'one\\\ntwo\\\r\nthree'", #""onetwothree""#),
        ("'a\tb // no comment /* none */'", #""a\tb // no comment /* none */""#),
        ("\u{FEFF}\u{A0}\u{3000}[\u{2028}1\u{2029}]", "[1]"),
        ("{ \"π\": 'é' }", #"{"π":"é"}"#),
        ("[true\u{A0},null\u{2028}]", "[true,null]"), ("{}", "{}"), ("[ ]", "[]"), ("// a\r{ }\r// b", "{}"),
    ])
    func whatPeopleWriteIsUnderstood(text: String, json: String) throws {
        #expect(try Self.json(text) == json)
    }

    @Test(arguments: [
        "{ a: 0x1F }", "[NaN]", "[-Infinity]", "[+NaN]", "[,]", "{,}", "[1,,]", "{ a: 1,, }", "[1 2]", "{ a 1 }", "{ a: b }", "{ a-b: 1 }",
        "{ é: 1 }",
        "'x", "'x\ny'", "/* x", "[1/2]", "# x", "01", "[1.2.3]", "[1.2+3]", "[1-2]", "[+]", "[.]", "[1e]", "[- 1]", "{ a: 1, a: 2 }",
        "{ a: 1, 'a': 2 }",
        "{ a: 1 } x", "", "// nothing", "{ a: '\\u12' }", "{ a: '\\ud800' }", "'\\1'", "'\\xg0'", "[1", "{ a: 1 ]", "{ a: }", "{ 1: 2 }", "'a''b'",
    ])
    func whatIsNoTextOfThisKindIsRefused(text: String) {
        #expect(Self.failure(text) != nil, "taken: \(text)")
    }

    @Test(arguments: [
        ("{\n  // a comment\n  a: 1\n  b: 2\n}", 4, 3),
        ("{\n  'é': yes\n}", 2, 8),
        ("{ a: 1, /* é\n */ a: 2 }", 2, 5),
        ("{\r\n a: 0x10 }", 2, 5),
        ("{ a: 'b\n' }", 1, 6),
        ("{ a: [1, 2 }", 1, 12),
    ])
    func faultsAreShownWhereTheyStandInTheTextAsItWasWritten(text: String, line: Int, column: Int) throws {
        let failure = try #require(Self.failure(text))
        #expect(failure.place == JSON5Document.Place(line: line, column: column), "\(failure.message)")
    }

    @Test func valuesKnowTheirPlaceInTheText() throws {
        let document = try JSON5Document(parsing: bytes("{ // é\n  'a\\x41': [ +1,\n /* x */ .5, 'y' ],\n}"))
        let list = try #require(document.root.member("aA"))
        #expect(document.place(of: list) == JSON5Document.Place(line: 2, column: 12))
        #expect(list.elements.map { document.place(of: $0) } == [(2, 14), (3, 10), (3, 14)].map { JSON5Document.Place(line: $0.0, column: $0.1) })
    }

    @Test func aSecretThatLostItsQuotesIsNotRepeated() throws {
        let failure = try #require(Self.failure("{ key: sk-live-abcdef }"))
        #expect(!failure.message.contains("sk-live"))
    }

    @Test func strictJSONIsReadAsItIs() throws {
        for path in Recordings.files(ending: ".json") {
            let content = Recordings.read(path)
            guard content.count < 100_000, let strict = try? JSONDocument(parsing: content) else { continue }
            let lenient = try JSON5Document(parsing: content)
            var (a, b) = (JSONWriter(), JSONWriter())
            Self.write(strict.root, to: &a)
            Self.write(lenient.root, to: &b)
            #expect(a.bytes == b.bytes, "\(path)")
        }
    }

    /// Whatever comes, it ends with a document or a place inside the text, and strict texts mean the same in both languages.
    @Test func anyBytesEndInAPlaceOrADocument() {
        let pieces =
            [
                "{", "}", "[", "]", ":", ",", "'", "\"", "\\", "/", "//", "/*", "*/", "\n", "\r", "\t", "a", "true", "null", "NaN", "0", "1", "9",
                ".", "+", "-",
                "e", "0x", "\\u00", "\\x4", "é", "\u{2028}", "\u{A0}", "$", "_", " ", "#",
            ].map { bytes($0) } + [[0xC3], [0xFF], [0], [0xE2, 0x80]]
        fuzz { seed, random in
            var content: [UInt8] = []
            for _ in 0..<Int(random.next() % 24) { content += pieces[Int(random.next() % UInt64(pieces.count))] }
            let strict = try? JSONDocument(parsing: content)
            do throws(JSON5Document.Failure) {
                let document = try JSON5Document(parsing: content)
                if let strict {
                    var (a, b) = (JSONWriter(), JSONWriter())
                    Self.write(strict.root, to: &a)
                    Self.write(document.root, to: &b)
                    #expect(a.bytes == b.bytes, "KASPARRO_SEED=\(seed): \(content)")
                }
            } catch {
                #expect(strict == nil, "KASPARRO_SEED=\(seed): JSON is refused: \(content)")
                let lines = content.count(where: { $0 == 0x0A || $0 == 0x0D }) + 1
                #expect(
                    (1...lines).contains(error.place.line) && (1...content.count + 1).contains(error.place.column),
                    "KASPARRO_SEED=\(seed): \(content)"
                )
            }
        }
    }
}
