import ArgumentParser
import Glibc
import HTTPAPI
import Hummingbird
import Ingest
import Logging
import ServiceLifecycle
import TickerStore
import UnixSignals

/// `kasparro serve`: the API and the sources, until a signal.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the API and load the sources; this is what happens without a command.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var keeping: KeepingOptions

    @OptionGroup var serving: ServingOptions

    /// SIGTERM to exit, at most; a little less than the 20 s that are promised (spec section 11).
    private static let shutdownSeconds = 18

    func run() async throws {
        // A session that ends, or a habit of reloading, must not end the server.
        signal(SIGHUP, SIG_IGN)
        let configuration = try Configuration(file: common.config, environment: ProcessEnvironment.variables)
        let address = try Settings.address(serving.listen, configuration)
        let isOff = try serving.noSchedule || Settings.noSchedule.resolve(nil, configuration)
        let interval = try Settings.every.resolve(serving.every, configuration)
        let parts = try Composition(
            common,
            keeping: keeping,
            configuration,
            holder: LockText.make(command: "serve", socket: ControlSocket.fileName)
        )
        parts.alerts?.start()
        do {
            let scheduler = Scheduler(runs: parts.runs, everyMilliseconds: interval, isEnabled: !isOff)
            try await serve(parts, on: address, scheduler, configuration)
        } catch {
            // An orderly stop all the same.
            try? parts.store.close()
            throw error
        }
        try parts.closeStore()
    }

    private func serve(_ parts: Composition, on address: ListenAddress, _ scheduler: Scheduler, _ configuration: Configuration) async throws {
        let token = try BearerToken.resolve(
            file: serving.tokenFile,
            dataDirectory: parts.dataDirectory,
            configuration,
            fileSystem: parts.fileSystem
        )
        let draining = DrainFlag()
        MetricsCatalog.refreshAtScrape(parts.registry, schedule: { scheduler.status })
        let context = APIContext(
            rows: parts.store,
            runs: parts.runs,
            registry: parts.registry,
            token: token.value,
            version: BuildInformation.version,
            sampleData: parts.holdsSampleData,
            fault: parts.fault?.description,
            draining: draining,
            schedule: { scheduler.status },
            crossOrigin: try Settings.corsOrigin.resolve(serving.corsOrigin, configuration),
            logsAccess: try serving.accessLog || Settings.accessLog.resolve(nil, configuration)
        )
        let control = ControlSocket(parts, context: context)
        let application = APIServer.application(
            context: context,
            address: .hostname(address.host, port: address.port),
            limits: ServerLimits(),
            logger: parts.logger,
            onServerRunning: { port in
                // Whoever has read the banner may type any command.
                await control.waitUntilOpen()
                let url = "http://\(address.urlHost):\(port ?? address.port)"
                parts.alerts?.serving(at: url)
                let schedule = ScheduleText(
                    scheduler.status,
                    offBy: Settings.noSchedule.effective(serving.noSchedule ? "true" : nil, configuration).origin
                )
                print(banner(parts, token: token, schedule: schedule, url: url))
                fflush(nil)
                do throws(ThreadError) {
                    try scheduler.start()
                } catch {
                    parts.logger.error("the sources are not loaded on schedule: \(error)")
                }
            }
        )
        var group = ServiceGroupConfiguration(
            // They stop in reverse order: the network is not kept waiting by a command that takes long.
            services: [
                .init(service: control), .init(service: application),
                .init(service: RunLifetime(scheduler: scheduler, runs: parts.runs, store: parts.store, draining: draining)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: parts.logger
        )
        group.maximumGracefulShutdownDuration = .seconds(Self.shutdownSeconds)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure(.failure, "cannot serve on \(address.urlHost):\(address.port): \(error)")
        }
    }

    private func banner(_ parts: Composition, token: BearerToken, schedule: ScheduleText, url: String) -> String {
        let file = token.file.map { "$(cat \($0))" } ?? "$KASPARRO_TOKEN"
        return Banner(
            url: url,
            dataDirectory: parts.dataDirectory,
            sources: parts.runs.sources(),
            schedule: schedule.text,
            tokenOrigin: token.origin,
            tokenExpression: file,
            holdsSampleData: parts.holdsSampleData,
            fault: parts.fault,
            alerts: parts.alertsInWords
        ).text
    }
}

/// Ends the run in progress when the process is to stop, before the server does: a request may be waiting for it.
private struct RunLifetime: Service {
    let scheduler: Scheduler
    let runs: RunService
    let store: Store
    let draining: DrainFlag

    /// How long reads go on after the store was poisoned.
    private static let graceSeconds = 10
    /// For the run to store its end.
    private static let drainSeconds = 15

    func run() async throws {
        var secondsPoisoned = 0
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully && !Task.isCancelled && secondsPoisoned < Self.graceSeconds {
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
                secondsPoisoned = store.statistics.poisoned == nil ? 0 : secondsPoisoned + 1
            }
        } onGracefulShutdown: {
            draining.raise()
            scheduler.stop()
            store.interruptMaintenance()
            // From now on a second signal ends the process at once; nothing acknowledged is lost by that.
            signal(SIGTERM) { _ in _exit(1) }
            signal(SIGINT) { _ in _exit(1) }
        }
        draining.raise()
        scheduler.stop()
        await runs.drain(atMost: Self.drainSeconds)
        if secondsPoisoned >= Self.graceSeconds, let reason = store.statistics.poisoned { throw CommandFailure(.failure, reason) }
    }
}
