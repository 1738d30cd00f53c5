import MarketData
import Testing

@Suite struct JSONValueTests {
    static func parse(_ text: String) throws -> JSONValue { try JSONDocument(parsing: bytes(text)).root }

    @Test func valuesKnowTheirKindCountAndText() throws {
        let root = try Self.parse(#" {"a": [1, "x" , {}], "b": -1.50e3, "c": true, "d": null} "#)
        #expect(root.kind == .object && root.count == 4)
        #expect(text(root.document.bytes[root.raw]).hasPrefix("{\"a\"") && text(root.document.bytes[root.raw]).hasSuffix("null}"))
        let a = try #require(root.member("a"))
        #expect(a.kind == .array && a.count == 3)
        #expect(a.elements.map { text(root.document.bytes[$0.raw]) } == ["1", "\"x\"", "{}"])
        #expect(root["b"]?.kind == .number)
        #expect(root["b"]?.withRaw { $0.count } == 7)
        #expect(root["c"]?.kind == .bool(true) && root["c"]?.boolValue == true)
        #expect(root["d"]?.isNull == true && root["e"] == nil)
        #expect(root.members.map { $0.key.string ?? "" } == ["a", "b", "c", "d"])
    }

    @Test func nestedValuesAreSteppedOver() throws {
        let root = try Self.parse(#"{"a":{"x":[1,[2,3]],"y":{}},"b":[[],[[]]],"c":7}"#)
        #expect(root.member(bytes("c"))?.integer == 7)
        #expect(root.member("x") == nil, "only the object's own members")
        #expect(root.member("b")?.count == 2)
        #expect(root.member("b")?.elements.map(\.count) == [0, 1])
    }

    @Test func stringsAreDecoded() throws {
        let root = try Self.parse(#"["", "plain é", "\"\\\/\b\f\n\r\t", "\u00e9\u20ac\ud83d\ude80\u0000!", 1]"#)
        let strings = root.elements.map(\.string)
        #expect(strings == ["", "plain é", "\"\\/\u{8}\u{C}\n\r\t", "é€🚀\u{0}!", nil])
        var out = bytes("<")
        #expect(root.element(3)?.appendString(to: &out) == true)
        #expect(root.element(4)?.appendString(to: &out) == false)
        #expect(text(out) == "<é€🚀\u{0}!")
    }

    @Test func keysAreFoundByTheTextTheyStandFor() throws {
        let root = try Self.parse(#"{"\u0061\n":1,"é":2}"#)
        #expect(root.member("a\n")?.integer == 1)
        #expect(root.member("é")?.integer == 2)
        #expect(root["é"]?.integer == 2)
        #expect(root.member("\\u0061\\n") == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("12", 12), ("-12", -12), ("12.0", 12), ("1.2e1", 12), ("120e-1", 12),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775808", nil), ("1.5", nil), ("1e30", nil),
            ("1e400", nil), ("\"1\"", nil), ("true", nil),
        ] as [(String, Int64?)]
    )
    func integersAreExactOrNothing(text: String, value: Int64?) throws {
        #expect(try Self.parse(text).integer == value, "\(text)")
    }

    /// The document and answers of RFC 6901 section 5.
    @Test func pointersOfTheStandard() throws {
        let root = try Self.parse(
            #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#
        )
        #expect(root.pointer("")?.count == 10)
        #expect(root.pointer("/foo")?.count == 2)
        #expect(root.pointer("/foo/0")?.string == "bar")
        for (pointer, value) in [
            ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
        ] as [(String, Int64)] {
            #expect(root.pointer(pointer)?.integer == value, "\(pointer)")
        }
    }

    @Test(arguments: ["foo", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/0/x", "/x", "/m~n", "/m~2n", "/foo/99999999999999999999"])
    func pointersToNothing(pointer: String) throws {
        let root = try Self.parse(#"{"foo":["bar","baz"],"m~n":8}"#)
        #expect(root.pointer(pointer) == nil)
    }
}
