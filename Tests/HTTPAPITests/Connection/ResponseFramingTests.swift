import HTTPTypes
import MarketData
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import HTTPAPI

@Suite struct ResponseFramingTests {
    private static func completed(
        _ status: HTTPResponse.Status = .ok,
        _ fields: HTTPFields = [:],
        to method: HTTPRequest.Method = .get,
        isLegacy: Bool = false
    ) -> HTTPFields {
        var head = HTTPResponse(status: status, headerFields: fields)
        ResponseFraming.complete(&head, to: method, isLegacy: isLegacy)
        return head.headerFields
    }

    @Test func anAnswerHasALengthOrChunksOrNeither() {
        #expect(Self.completed(.ok, [.contentLength: "5"]) == [.contentLength: "5"])
        #expect(Self.completed() == [.transferEncoding: "chunked"])
        #expect(Self.completed(isLegacy: true) == [:], "HTTP/1.0 knows no chunks")
        #expect(Self.completed(to: .head) == [:], "what GET would say of its length is not known")
        #expect(Self.completed(.ok, [.contentLength: "5"], to: .head) == [.contentLength: "5"])
        #expect(Self.completed(.notModified, [.contentLength: "0"]) == [:])
        #expect(Self.completed(.noContent, [.contentLength: "0"]) == [:])
    }

    @Test func behindAHeadOfUnknownLengthComesTheNextAnswer() throws {
        let connection = try TestConnection()
        try connection.receive("HEAD /data/export HTTP/1.1\r\nHost: a\r\n\r\nGET /data/export HTTP/1.1\r\nHost: a\r\n\r\n")
        try connection.begin()
        try connection.channel.writeOutbound(HTTPResponsePart.end(nil))
        try connection.answer(length: false)
        #expect(
            connection.sent == "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "\(connection.sent)"
        )
    }

    @Test func aRefusalBeforeAnyRouteHasADate() throws {
        let connection = try TestConnection()
        try connection.receive("GARBAGE\r\n\r\n")
        let date = try #require(connection.sent.firstMatch(of: /\r\nDate: ([^\r]+)\r\n/)?.1, "\(connection.sent)")
        #expect(throws: Never.self) { try Timestamp.parse(String(date)) }
        #expect(HTTPDate.text(Timestamp(milliseconds: 784_111_777_000)) == "Sun, 06 Nov 1994 08:49:37 GMT", "the example of RFC 9110")
    }
}
