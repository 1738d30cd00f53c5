import MarketData
import Testing

@testable import Ingest

/// What is told of alerts to whoever asks.
@Suite struct AlertBoardTests {
    private static let time = Timestamp(milliseconds: 1_767_225_600_000)

    private static func text(_ status: AlertStatus, includingErrors: Bool = false) -> String {
        var writer = JSONWriter()
        status.append(to: &writer, includingErrors: includingErrors)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func nobodyIsToldOfTwoFailuresAndOfThreeAnAlertIsFiring() {
        let board = AlertBoard(channels: [.email])
        var incidents = Incidents()
        for number in 0..<2 { _ = incidents.take(IncidentsTests.attempt(number, "no")) }
        board.show(incidents)
        #expect(board.status.firing.isEmpty)
        let third = incidents.take(IncidentsTests.attempt(2, "403"))
        incidents.delivered(third!, by: .email)
        board.show(incidents)
        #expect(
            Self.text(board.status)
                == #"{"state":"ok","firing":[{"event":"source_failing","source":"x","summary":"x failed 3 times in a row","cause":"403","#
                + #""since":"2026-01-01T00:00:00Z","at":"2026-01-01T02:01:00Z","attempts":3,"run_id":"etl_2","delivered":["email"]}],"#
                + #""channels":{"email":{"last_sent":null,"last_failed":null,"failing":false}}}"#
        )
        _ = incidents.take(IncidentsTests.attempt(3, nil))
        board.show(incidents)
        #expect(board.status.firing.isEmpty)
    }

    @Test func aChannelFailsUntilSomethingGoesOutAgain() {
        let board = AlertBoard(channels: [.email, .heartbeat])
        board.tried(.email, at: Self.time, error: "550 <ops@example.test> is unknown")
        #expect(board.status.state == .failing)
        #expect(!Self.text(board.status).contains("ops@") && Self.text(board.status, includingErrors: true).contains("550 <ops@example.test>"))
        board.tried(.heartbeat, at: Self.time, error: nil)
        #expect(board.status.state == .failing)
        board.tried(.email, at: Self.time, error: nil)
        #expect(board.status.state == .ok && board.status.channels[0].lastFailed == Self.time, "\(board.status)")
    }

    @Test func aChannelThatStaysKeepsItsHistoryAndOneThatGoesLosesIt() {
        let board = AlertBoard(channels: [.email])
        #expect(AlertBoard(channels: []).status.state == .off)
        board.tried(.email, at: Self.time, error: nil)
        board.change(to: [.email, .webhook])
        #expect(board.status.channels.map(\.lastSent) == [Self.time, nil])
        board.change(to: [.webhook])
        board.tried(.email, at: Self.time, error: "too late")
        #expect(board.status.channels.map(\.channel) == [.webhook] && board.status.state == .ok)
    }
}
