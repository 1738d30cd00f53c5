import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPAPI

@Suite struct ConditionalRequestTests {
    @Test(arguments: ["/stats", "/runs", "/runs/etl_20241215_143022_3"])
    func whoHasTheSameAlreadyIsToldSo(_ uri: String) async throws {
        let server = TestServer()
        let first = try await server.ask(uri)
        let tag = try #require(first.headers[.eTag], "\(first.text)")
        #expect(tag.hasPrefix("W/\""))
        for method in [HTTPRequest.Method.get, .head] {
            let second = try await server.ask(uri, method, headers: [.ifNoneMatch: tag])
            #expect(second.status == .notModified)
            #expect(second.body.readableBytes == 0)
            #expect(second.headers[.eTag] == tag)
            #expect(second.headers[.contentType] == nil)
            #expect(second.header("X-Request-ID") != first.header("X-Request-ID"))
        }
        #expect(try await server.ask(uri, headers: [.ifNoneMatch: "W/\"0000000000000000\""]).status == .ok)
    }

    @Test func otherRowsAreAnotherTag() async throws {
        let server = TestServer()
        let before = try await server.ask("/stats").headers[.eTag]
        server.rows.insert([.init(milliseconds: StoredRows.start + 1)])
        #expect(try await server.ask("/stats").headers[.eTag] != before)
    }

    @Test(arguments: ["\"a\"", "W/\"a\"", "\"b\", W/\"a\"", " \"b\" ,\t\"a\" ", "*"])
    func theFieldMayNameSeveralTagsStrongOrWeak(_ field: String) {
        #expect(HTTPFields(dictionaryLiteral: (.ifNoneMatch, field)).noneMatchNames("W/\"a\""))
    }

    @Test(arguments: ["", ",", "a", "\"A\"", "\"aa\"", "W/", "\"b\""])
    func otherTagsAreOthers(_ field: String) {
        #expect(!HTTPFields(dictionaryLiteral: (.ifNoneMatch, field)).noneMatchNames("W/\"a\""))
    }

    @Test func everyByteAndEveryCutCounts() {
        let text = Array("the quick brown fox jumps over the lazy dog".utf8)
        var tags: Set<String> = []
        for index in text.indices {
            var other = text
            other[index] ^= 1
            tags.insert(EntityTag(of: other).text)
            tags.insert(EntityTag(of: text[..<index]).text)
            var pieces = EntityTag(of: text[..<index])
            pieces.add(text[index...])
            tags.insert(pieces.text)
        }
        #expect(tags.count == 3 * text.count)
    }
}

extension HTTPFields {
    fileprivate init(dictionaryLiteral pair: (HTTPField.Name, String)) {
        self.init()
        self[pair.0] = pair.1
    }
}
