import TestSupport
import Testing

@testable import Transfer

@Suite struct CancellationTests {
    @Test(.timeLimit(.minutes(10))) func cancelledTaskEndsATransferInMidBody() async throws {
        let server = ScriptedServer([.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".utf8)), .hang])
        defer { server.stop() }
        let request = request(server.url)
        let fetching = Task { () -> FetchError? in
            do throws(FetchError) {
                _ = try await Fetcher.fetch(request)
                return nil
            } catch {
                return error
            }
        }
        // The server has seen the head, so the transfer is under way.
        while server.requests.isEmpty { await Task.yield() }
        fetching.cancel()
        #expect(await fetching.value?.kind == .cancelled, "the transfer ended by itself: a silent one is a timeout after 30 s")
    }

    @Test func raisedFlagSendsNothing() throws {
        let server = ScriptedServer(answer: answer())
        defer { server.stop() }
        let flag = CancellationFlag()
        flag.cancel()
        #expect(throws: FetchError.self) { try Fetcher.fetch(request(server.url), cancellation: flag) }
        #expect(server.requests.isEmpty)
    }
}
