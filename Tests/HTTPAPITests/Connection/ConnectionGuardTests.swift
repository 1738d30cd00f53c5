import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Telemetry
import Testing

@testable import HTTPAPI

/// A connection without a socket, in a time of its own.
final class TestConnection {
    let channel = EmbeddedChannel()
    /// Paths that a route has been asked for, and has not answered.
    private(set) var asked: [String] = []
    private(set) var sent = ""

    init(limits: ServerLimits = ServerLimits(), isRestricted: Bool = false, isPatient: Bool = false) throws {
        let gate = RequestGate(limits: limits)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(gate)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withErrorHandling: false,
            withEncoderConfiguration: ResponseFraming.encoder
        )
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(
            ConnectionGuard(
                limits: limits,
                gate: gate,
                isRestricted: isRestricted,
                refusals: RefusalCounters(registry: PrometheusRegistry()),
                isPatient: { _ in isPatient },
                now: channel.embeddedEventLoop.now
            )
        )
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    var isOpen: Bool { channel.isActive }

    func receive(_ text: String) throws {
        if channel.isActive { try channel.writeInbound(ByteBuffer(string: text)) }
        collect()
    }

    /// The answer of a route; `length`: whether it says how long it is.
    func answer(_ body: String = "ok", length: Bool = true) throws {
        try begin(length ? [.contentLength: "\(body.utf8.count)"] : [:])
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: body)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        collect()
    }

    func begin(_ fields: HTTPFields = [:]) throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: fields)))
        collect()
    }

    func wait(seconds: Int64) {
        channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
        collect()
    }

    func drain() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

    private func collect() {
        channel.embeddedEventLoop.run()
        while let part = try? channel.readInbound(as: HTTPRequestPart.self) {
            if case .head(let head) = part { asked.append(head.path ?? "") }
        }
        while let part = try? channel.readOutbound(as: ByteBuffer.self) { sent += String(buffer: part) }
    }
}

@Suite struct ConnectionGuardTests {
    private let get = "GET /data HTTP/1.1\r\nHost: a\r\n\r\n"
    private let post = "POST /refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"

    @Test func whoeverSaysNothingIsClosedWithoutAWord() throws {
        let connection = try TestConnection()
        connection.wait(seconds: 9)
        #expect(connection.isOpen)
        connection.wait(seconds: 2)
        #expect(!connection.isOpen && connection.sent.isEmpty)
    }

    @Test func aHeadThatComesInDropsHasTenSecondsFromItsFirstByte() throws {
        let connection = try TestConnection()
        try connection.receive(get)
        try connection.answer()
        connection.wait(seconds: 50)
        for byte in "GET /data" {
            try connection.receive(String(byte))
            connection.wait(seconds: 1)
        }
        #expect(connection.isOpen && !connection.sent.contains("408"))
        connection.wait(seconds: 2)
        #expect(
            connection.sent.contains("HTTP/1.1 408 Request Timeout\r\n") && connection.sent.contains("\"code\":\"request_timeout\""),
            "\(connection.sent)"
        )
        connection.wait(seconds: 3)
        #expect(!connection.isOpen)
        #expect(connection.asked == ["/data"])
    }

    @Test func anIdleConnectionIsClosedAfterAMinute() throws {
        let connection = try TestConnection()
        try connection.receive(get)
        connection.wait(seconds: 5)
        try connection.answer()
        connection.wait(seconds: 59)
        #expect(connection.isOpen)
        connection.wait(seconds: 2)
        #expect(!connection.isOpen)
    }

    @Test func aBodyThatDoesNotComeIsAnsweredWithATimeout() throws {
        let connection = try TestConnection()
        try connection.receive(post)
        for _ in 0..<4 {
            connection.wait(seconds: 7)
            try connection.receive("x")
        }
        #expect(connection.isOpen && connection.sent.isEmpty)
        connection.wait(seconds: 3)
        #expect(connection.sent.hasPrefix("HTTP/1.1 408 "), "\(connection.sent)")
    }

    @Test func aPageThatTakesTooLongIsA503AndItsLateAnswerGoesNowhere() throws {
        let connection = try TestConnection()
        try connection.receive(get)
        connection.wait(seconds: 29)
        #expect(connection.sent.isEmpty)
        connection.wait(seconds: 2)
        #expect(connection.sent.hasPrefix("HTTP/1.1 503 ") && connection.sent.contains("\"code\":\"deadline_exceeded\""), "\(connection.sent)")
        let before = connection.sent
        try? connection.answer()
        #expect(connection.sent == before)
        connection.wait(seconds: 3)
        #expect(!connection.isOpen)
    }

    @Test func aRouteThatWaitsHasNoDeadline() throws {
        let connection = try TestConnection(isPatient: true)
        try connection.receive("POST /refresh?wait=300 HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.wait(seconds: 299)
        try connection.answer()
        #expect(connection.isOpen && connection.sent.hasPrefix("HTTP/1.1 200 OK"))
    }

    @Test func pipelinedRequestsAreTakenOneAtATime() throws {
        let connection = try TestConnection()
        try connection.receive(String(repeating: get, count: 1_000))
        #expect(connection.asked.count == 1)
        for _ in 0..<10 { try connection.answer() }
        #expect(connection.asked.count == 11)
        #expect(connection.sent.components("HTTP/1.1 200 OK") == 10)
    }

    @Test func whatIsWrongIsAnsweredInItsTurn() throws {
        let connection = try TestConnection()
        try connection.receive(get + "GARBAGE\r\n\r\n" + get)
        #expect(connection.sent.isEmpty)
        try connection.answer()
        #expect(connection.sent.hasPrefix("HTTP/1.1 200 OK") && connection.sent.contains("HTTP/1.1 400 Bad Request"), "\(connection.sent)")
        #expect(connection.asked == ["/data"])
    }

    @Test func anAnswerBeforeTheEndOfTheBodyIsTheLast() throws {
        let connection = try TestConnection()
        try connection.receive(post + "12")
        try connection.answer()
        #expect(connection.sent.contains("\r\nConnection: close\r\n"))
        try connection.receive("345" + get)
        #expect(connection.asked == ["/refresh"])
        connection.wait(seconds: 3)
        #expect(!connection.isOpen)
    }

    @Test func aBrokenChunkAfterTheAnswerGetsNoSecondOne() throws {
        let connection = try TestConnection()
        try connection.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
        try connection.answer()
        try connection.receive("nonsense")
        #expect(connection.sent.components("HTTP/1.1 ") == 1, "\(connection.sent)")
    }

    @Test func http10IsAnsweredAndClosedUnlessItsClientStays() throws {
        let leaving = try TestConnection()
        try leaving.receive("GET / HTTP/1.0\r\n\r\n")
        try leaving.answer()
        #expect(leaving.sent.hasPrefix("HTTP/1.0 200 OK") && leaving.sent.contains("Connection: close"), "\(leaving.sent)")
        leaving.wait(seconds: 3)
        #expect(!leaving.isOpen)
        let staying = try TestConnection()
        for _ in 0..<2 {
            try staying.receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            try staying.answer()
        }
        staying.wait(seconds: 3)
        #expect(staying.sent.components("Connection: keep-alive") == 2 && staying.isOpen, "\(staying.sent)")
        try staying.receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        try staying.answer("stream", length: false)
        #expect(staying.sent.hasSuffix("\r\n\r\nstream") && !staying.sent.lowercased().contains("chunked"), "\(staying.sent)")
    }

    @Test func aConnectionOfTheReserveMayAskOnlyWhetherTheProcessLives() throws {
        for path in ["/data", "/livezz", "/"] {
            let connection = try TestConnection(isRestricted: true)
            try connection.receive("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(connection.sent.hasPrefix("HTTP/1.1 503 ") && connection.sent.contains("too_many_connections"), "\(connection.sent)")
            #expect(connection.asked.isEmpty)
        }
        let connection = try TestConnection(isRestricted: true)
        try connection.receive("GET /livez?x HTTP/1.1\r\nHost: a\r\n\r\n")
        try connection.answer()
        #expect(connection.sent.hasPrefix("HTTP/1.1 200 OK") && connection.sent.contains("Connection: close"))
        let slow = try TestConnection(isRestricted: true)
        slow.wait(seconds: 3)
        #expect(!slow.isOpen)
    }

    @Test func stoppingClosesWhatIsIdleOrHalfSaidAndFinishesTheRest() throws {
        let silent = try TestConnection()
        let half = try TestConnection()
        try half.receive("GET /da")
        let uploading = try TestConnection()
        try uploading.receive(post)
        let busy = try TestConnection()
        try busy.receive(get)
        for connection in [silent, half, uploading, busy] { connection.drain() }
        #expect(!silent.isOpen && !half.isOpen && uploading.isOpen && busy.isOpen)
        for connection in [uploading, busy] { connection.wait(seconds: 6) }
        #expect(!uploading.isOpen && busy.isOpen)
        try busy.answer()
        #expect(busy.sent.hasPrefix("HTTP/1.1 200 OK") && busy.sent.contains("Connection: close"))
        busy.wait(seconds: 3)
        #expect(!busy.isOpen)
    }

    @Test func aHeadRequestIsRefusedWithoutABody() throws {
        let connection = try TestConnection(isRestricted: true)
        try connection.receive("HEAD /data HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.sent.hasPrefix("HTTP/1.1 503 ") && connection.sent.hasSuffix("\r\n\r\n"), "\(connection.sent)")
    }
}

@Suite struct ConnectionStateTests {
    private func answering() -> ConnectionState {
        var state = ConnectionState(limits: ServerLimits(), isRestricted: false, now: .uptimeNanoseconds(0))
        state.headArrived(at: .uptimeNanoseconds(0), isPersistent: true)
        state.requestEnded()
        state.answerBegan()
        return state
    }

    private func second(_ number: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(number) }

    @Test func aClientThatDoesNotReadIsCutOff() {
        var state = answering()
        for now in Int64(0)..<30 {
            #expect(state.check(at: second(now), taken: 1_000, waiting: 100_000, isPatient: true) != .close, "after \(now) s")
        }
        #expect(state.check(at: second(30), taken: 1_000, waiting: 100_000, isPatient: true) == .close)
    }

    @Test func aClientThatReadsSlowlyIsNot() {
        var state = answering()
        for now in Int64(0)..<300 {
            #expect(state.check(at: second(now), taken: Int(now) * 1_024, waiting: 100_000, isPatient: true) != .close, "after \(now) s")
        }
    }

    @Test func oneThatReadsAByteNowAndThenIs() {
        var state = answering()
        #expect((Int64(0)..<60).contains { state.check(at: second($0), taken: Int($0), waiting: 100_000, isPatient: true) == .close })
    }

    @Test func aStreamWithNothingToSayGoesOn() {
        var state = answering()
        for now in Int64(0)..<300 { #expect(state.check(at: second(now * 10), taken: 0, waiting: 0, isPatient: true) != .close) }
    }
}

extension String {
    /// How often some text is in it.
    fileprivate func components(_ text: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
