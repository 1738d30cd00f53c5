import MarketData
import Testing
import TickerStore

@testable import Ingest

/// One alert an incident, and one at its end.
@Suite struct IncidentsTests {
    /// The n-th run of `x`, an hour after the one before.
    static func attempt(_ number: Int, _ cause: String?) -> SourceAttempt {
        let start = Timestamp(milliseconds: 1_767_225_600_000 + Int64(number) * 3_600_000)
        return SourceAttempt(
            source: "x",
            cause: cause,
            runID: "etl_\(number)",
            startedAt: start,
            endedAt: Timestamp(milliseconds: start.milliseconds + 60_000)
        )
    }

    /// `f` a failed attempt, `s` one that came in; the events that come of each, in the same places.
    @Test(arguments: [
        ("ff", "--"), ("fff", "--F"), ("ffffff", "--F---"), ("ffsff", "-----"), ("fffs", "--FR"), ("fffsfff", "--FR--F"), ("ffss", "----"),
        ("sssfff", "-----F"),
    ])
    func threeFailuresInARowAreToldOnceAndTheirEndOnce(attempts: String, expected: String) {
        var incidents = Incidents()
        let events = attempts.enumerated().map { number, letter -> String in
            let alert = incidents.take(Self.attempt(number, letter == "f" ? "no \(number)" : nil))
            return alert.map { $0.event == .sourceFailing ? "F" : "R" } ?? "-"
        }
        #expect(events.joined() == expected)
    }

    @Test func theAlertSaysSinceWhenHowOftenAndWhy() throws {
        var incidents = Incidents()
        for number in 0..<2 { _ = incidents.take(Self.attempt(number, "first cause")) }
        let third = incidents.take(Self.attempt(2, "newest cause"))
        let failing = try #require(third)
        #expect(failing.attempts == 3 && failing.cause == "newest cause" && failing.runID == "etl_2" && failing.source == "x")
        #expect(failing.since.description == "2026-01-01T00:00:00Z" && failing.at.description == "2026-01-01T02:01:00Z")
        _ = incidents.take(Self.attempt(3, "another"))
        let end = incidents.take(Self.attempt(4, nil))
        let recovered = try #require(end)
        #expect(recovered.event == .sourceRecovered && recovered.attempts == 4 && recovered.durationMilliseconds == 4 * 3_600_000 + 60_000)
        #expect(recovered.recoveringRunID == "etl_4" && recovered.runID == "etl_3" && failing.recoveringRunID == nil)
        #expect(incidents.open.isEmpty)
    }

    @Test func sourcesAreCountedApart() {
        var incidents = Incidents()
        for number in 0..<2 { _ = incidents.take(Self.attempt(number, "x")) }
        var other = Self.attempt(2, "y")
        other.source = "y"
        #expect(incidents.take(other) == nil)
        #expect(incidents.take(Self.attempt(3, "x"))?.event == .sourceFailing)
    }

    /// Through the state and back after every step.
    @Test func aRestartNeitherForgetsNorRepeats() {
        var state: [String: [UInt8]] = [:]
        var alerts: [Alert.Event] = []
        for (number, cause) in ["a", "b", "c", "d", nil, "e"].enumerated() {
            var incidents = Incidents(state.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }, sources: ["x"])
            if let alert = incidents.take(Self.attempt(number, cause)) {
                alerts.append(alert.event)
                incidents.delivered(alert, by: .email)
            }
            for change in incidents.changes { state[change.key] = change.value }
        }
        #expect(alerts == [.sourceFailing, .sourceRecovered])
        #expect(state.keys.sorted() == ["alert/source/x"], "one failed attempt is open")
    }

    @Test func whatDidNotArriveIsFoundAfterARestart() throws {
        var incidents = Incidents()
        var alert: Alert?
        for number in 0..<3 { alert = incidents.take(Self.attempt(number, "no")) }
        incidents.delivered(try #require(alert), by: .email)
        let kept = incidents.changes.map { (key: $0.key, value: $0.value ?? []) }
        let found = Incidents(kept, sources: ["x"]).undelivered(by: [.email, .webhook])
        #expect(found.map(\.channels) == [[.webhook]] && found.first?.alert == alert)
        let without = Incidents(kept, sources: ["y"])
        #expect(without.open.isEmpty && without.changes.map(\.value) == [nil], "a source that is no more is forgotten")
    }

    @Test func damagedStateIsNoIncident() {
        #expect(Incidents([("alert/source/x", Array("{".utf8)), ("alert/disk", Array("{}".utf8)), ("alert/what", [])], sources: ["x"]).open.isEmpty)
    }

    // MARK: Disk and store

    static func statistics(free: Int = 1 << 40, readOnly: String? = nil, poisoned: String? = nil) -> StoreStatistics {
        var statistics = StoreStatistics()
        statistics.freeBytes = free
        statistics.minimumFree = 1 << 30
        statistics.readOnly = readOnly
        statistics.poisoned = poisoned
        return statistics
    }

    static func moment(minutes: Int64) -> Moment { Moment(wall: 1_767_225_600_000 + minutes * 60_000, monotonic: minutes * 60_000) }

    @Test func aDiskThatGetsFullIsToldBeforeTheStoreStops() {
        var incidents = Incidents()
        #expect(incidents.look(at: StoreStatistics(), Self.moment(minutes: 0)).isEmpty, "nothing is known of the disk yet")
        #expect(incidents.look(at: Self.statistics(free: 2 << 30), Self.moment(minutes: 0)).isEmpty)
        let low = incidents.look(at: Self.statistics(free: 2 << 30 - 1), Self.moment(minutes: 1))
        #expect(low.map(\.event) == [.diskLow] && low[0].cause.contains("1.9 GiB are free; with less than 1.0 GiB"), "\(low)")
        let full = incidents.look(at: Self.statistics(free: 5, readOnly: "too little"), Self.moment(minutes: 2))
        #expect(full.map(\.event) == [.storeReadOnly] && full[0].cause == "too little")
        #expect(incidents.look(at: Self.statistics(free: 5, readOnly: "still too little"), Self.moment(minutes: 3)).isEmpty)
    }

    @Test func aStoreThatStandsStillBecauseOfItsDiskIsOneThing() {
        var incidents = Incidents()
        let alerts = incidents.look(at: Self.statistics(free: 5, readOnly: "too little"), Self.moment(minutes: 0))
        #expect(alerts.map(\.event) == [.storeReadOnly])
        _ = incidents.look(at: Self.statistics(), Self.moment(minutes: 1))
        #expect(incidents.look(at: Self.statistics(), Self.moment(minutes: 6)).map(\.event) == [.storeRecovered])
        #expect(incidents.open.isEmpty)
    }

    @Test func whatGoesToAndFroIsOneIncident() {
        var incidents = Incidents()
        var events: [Alert.Event] = []
        for minute in 0..<20 {
            events += incidents.look(at: Self.statistics(readOnly: minute % 4 == 0 ? "no" : nil), Self.moment(minutes: Int64(minute))).map(\.event)
        }
        #expect(events == [.storeReadOnly])
        let end = incidents.look(at: Self.statistics(), Self.moment(minutes: 60))
        #expect(end.map(\.event) == [.storeRecovered] && end[0].durationMilliseconds == 17 * 60_000, "it is over since the first good look")
    }

    @Test func aPoisonedStoreIsTold() {
        var incidents = Incidents()
        #expect(incidents.look(at: Self.statistics(poisoned: "a sync failed"), Self.moment(minutes: 0)).first?.cause == "a sync failed")
    }
}

/// Which runs count.
@Suite struct SourceAttemptTests {
    static func run(_ outcomes: [String: SourceOutcome], _ errors: [(String, RunRecord.ErrorType)] = []) -> [SourceAttempt] {
        var run = RunRecord.begun(over: "all")
        run.sources = ["a", "b"]
        run.status = .failed
        run.completedAt = .earliest
        run.outcomes = outcomes
        run.errors = errors.enumerated().map { .init(source: $1.0, type: $1.1, message: "\($0)", at: .earliest) }
        return run.attempts
    }

    @Test func theCauseIsTheSourcesLastError() {
        let attempts = Self.run(["a": .failed, "b": .partlyLoaded], [("a", .network), ("b", .parse), ("a", .timeout)])
        #expect(attempts.map(\.cause) == ["2", "1"])
    }

    @Test func aSourceWithNothingNewHasNothingWrongWithIt() {
        let attempts = Self.run(["a": .loaded, "b": .nothing])
        #expect(attempts.map(\.source) == ["a", "b"] && attempts.allSatisfy { $0.cause == nil }, "\(attempts)")
    }

    @Test(arguments: [RunRecord.ErrorType.interrupted, .store])
    func aStopAndABadStoreAreNoSourcesFault(type: RunRecord.ErrorType) {
        #expect(Self.run(["a": .failed, "b": .failed], [("a", .network), ("all", type)]).isEmpty)
    }
}

/// What is tried when.
@Suite struct OutboxTests {
    static let alert = Alert(event: .sourceFailing, incident: .source("x"), cause: "c", since: .earliest, at: .earliest)

    @Test func fourTriesWithGrowingPausesAndThenNoMore() {
        var outbox = Outbox()
        outbox.put(Self.alert, by: [.email], at: 0)
        var now: Int64 = 0
        var times: [Int64] = []
        while let wait = outbox.wait(at: now) {
            now += wait
            times.append(now)
            guard let parcel = outbox.next(at: now) else { break }
            _ = outbox.failed(parcel, at: now)
        }
        #expect(times == [0, 30_000, 150_000, 750_000])
    }

    @Test func theNewestAlertOfAnIncidentTakesThePlaceOfTheOneThatWaits() throws {
        var outbox = Outbox()
        outbox.put(Self.alert, by: [.email, .webhook], at: 0)
        let waiting = try #require(outbox.next(at: 0))
        var end = Self.alert
        end.event = .sourceRecovered
        outbox.put(end, by: [.email, .webhook], at: 1)
        #expect(outbox.failed(waiting, at: 2) == nil, "a try that began before does not come back")
        #expect(outbox.parcels.map(\.alert.event) == [.sourceRecovered, .sourceRecovered])
        outbox.delivered(outbox.parcels[0])
        #expect(outbox.parcels.map(\.channel) == [.webhook])
    }
}
