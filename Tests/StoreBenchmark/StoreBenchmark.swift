import CMalloc
import Glibc
import TickerStore

/// Measures the store engine beside the limits that it was designed for. A missed limit is told and ends nothing: a benchmark is no test.
@main
struct StoreBenchmark {
    static func main() {
        // As the product does.
        _ = mallopt(M_ARENA_MAX, 2)
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if arguments.first == Child.marker { return try Child.run(Array(arguments.dropFirst())) }
            try measure(try Settings(arguments))
        } catch let error as StoreError {
            fail(error.message)
        } catch {
            fail("\(error)")
        }
    }

    private static func measure(_ settings: Settings) throws {
        var report = Report(isJSON: settings.isJSON)
        try makeDirectory(settings.directory)
        if settings.wants("commits") { try CommitFigures(settings).measure(into: &report) }
        if settings.wants("latency") { try LatencyFigures(settings).measure(into: &report) }
        if ["memory", "start", "size", "pages", "orders", "walk"].contains(where: settings.wants) {
            let store = try BigStore(settings)
            if settings.wants("memory") { try MemoryFigures(store).measure(into: &report) }
            if settings.wants("start") { try StartFigures(store, settings).measure(into: &report) }
            if settings.wants("pages") { try PageFigures(store).measure(into: &report) }
            if settings.wants("orders") { try OrderFigures(store, settings).measure(into: &report) }
            if settings.wants("walk") { try WalkFigures(store).measure(into: &report) }
            if settings.wants("size") { try SizeFigures(store).measure(into: &report) }
        }
        report.end()
    }

    private static func fail(_ message: String) -> Never {
        tell("store-benchmark: \(message)")
        exit(1)
    }
}
