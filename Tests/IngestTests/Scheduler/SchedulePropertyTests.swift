import Testing

@testable import Ingest

/// A run and the schedule never overlap, and each tick is answered once, over 10,000 hours of runs, people who ask, clocks that are set,
/// machines that sleep and processes that die.
@Suite struct SchedulePropertyTests {
    @Test(arguments: UInt64(1)...20) func eachTickIsAnsweredOnceAndNeverBesideARun(seed: UInt64) {
        var simulation = ScheduleSimulation(seed: seed)
        simulation.run(hours: 500)
        #expect(simulation.violation == nil, "seed \(seed)")
        #expect(simulation.loads > 50 && simulation.manualRuns > 50, "seed \(seed): too little happened to show anything")
        #expect(simulation.restarts > 5 && simulation.clockSettings > 20, "seed \(seed)")
        #expect(simulation.waitsForRuns > 0, "seed \(seed): no tick fell into a run")
    }
}
