import MarketData
import Testing

@Suite struct JSONWriterTests {
    @Test func commasAreSetWhereTheyBelong() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("text", "a\"b")
        writer.member("none", nil)
        writer.member("count", 3)
        writer.member("big", UInt64.max)
        writer.member("small", Int64.min)
        writer.member("flag", true)
        writer.member("maybe", Int?.none)
        writer.rawMember("raw", bytes("[1]"))
        writer.key("list")
        writer.beginArray()
        writer.beginObject()
        writer.endObject()
        writer.number(literal: bytes("0.10"))
        writer.number(-1)
        writer.null()
        writer.bool(false)
        writer.string("é")
        writer.endArray()
        writer.key("empty")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
        #expect(
            text(writer.bytes) == """
                {"text":"a\\"b","none":null,"count":3,"big":18446744073709551615,"small":-9223372036854775808,"flag":true,\
                "maybe":null,"raw":[1],"list":[{},0.10,-1,null,false,"é"],"empty":[]}
                """
        )
    }

    @Test func aScalarIsADocument() {
        var writer = JSONWriter()
        writer.string(bytes("x"))
        #expect(text(writer.bytes) == "\"x\"")
    }
}
