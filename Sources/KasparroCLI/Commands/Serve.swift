import ArgumentParser
import Glibc
import HTTPAPI
import Hummingbird
import Ingest
import Logging
import ServiceLifecycle
import Telemetry
import TickerStore
import UnixSignals

/// `kasparro serve`: the API and the sources, until a signal.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the API and load the sources; this is what happens without a command.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var keeping: KeepingOptions

    @OptionGroup var serving: ServingOptions
    @OptionGroup var access: AccessOptions

    @Flag(name: .long, help: "Print the first screen as a JSON object.")
    var json = false

    /// SIGTERM to exit, at most; a little less than the 20 s that are promised (spec section 11).
    private static let shutdownSeconds = 18

    func run() async throws {
        // A session that ends must not end the server.
        signal(SIGHUP, SIG_IGN)
        EarlySignals.trap()
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let supervision = Supervision(ServiceManager(environment: ProcessEnvironment.variables))
        ServiceManager.forgetVariables()
        supervision.start()
        let configuration = try Configuration(common.given, keeping.given, serving.given, access.given)
        let address = try ListenAddress(configuration)
        let isOff = try Settings.noSchedule.resolve(configuration)
        let interval = try Settings.every.resolve(configuration)
        let parts = try Composition(configuration, holder: LockText.make(command: "serve", socket: ControlSocket.fileName), mayReload: true)
        if EarlySignals.haveArrived { return try parts.closeStore() }
        parts.alerts?.start()
        do {
            let scheduler = Scheduler(runs: parts.runs, everyMilliseconds: interval, isEnabled: !isOff)
            try await serve(parts, on: address, scheduler, configuration, supervision, hangups)
        } catch {
            // An orderly stop all the same.
            try? parts.store.close()
            throw error
        }
        try parts.closeStore()
    }

    private func serve(
        _ parts: Composition,
        on address: ListenAddress,
        _ scheduler: Scheduler,
        _ configuration: Configuration,
        _ supervision: Supervision,
        _ hangups: UnixSignalsSequence
    ) async throws {
        if let refusal = await OwnThread.run({ TakenPort.refusal(of: address) }) { throw refusal }
        let credentials = try CredentialFiles(
            dataDirectory: parts.dataDirectory,
            configuration,
            fileSystem: parts.fileSystem,
            warning: { [logger = parts.logger] in logger.warning("\($0)") }
        )
        let limits = try ServerLimits(configuration)
        let draining = DrainFlag()
        SourceMetrics.refreshAtScrape(parts.registry, schedule: { scheduler.status })
        parts.runs.findNewestData()
        var context = try makeContext(parts, scheduler, configuration, credentials, limits, draining)
        context.feed = parts.feed
        if let alerts = parts.alerts { context.alerts = { alerts.status } }
        MemoryMetrics.refreshAtScrape(parts.registry, store: parts.store, pages: context.pages, feed: parts.feed)
        let reloader = try Reloader(configuration, parts, scheduler: scheduler, credentials: credentials, answers: context.answers)
        let control = ControlSocket(parts, context: context)
        let application = APIServer.application(
            context: context,
            address: .hostname(address.host, port: address.port),
            limits: limits,
            logger: parts.logger,
            onServerRunning: { port in
                // Whoever has read the banner may type any command.
                await control.waitUntilOpen()
                let url = "http://\(address.urlHost):\(port ?? address.port)"
                await begin(parts, scheduler, configuration, credentials, supervision, url: url)
            }
        )
        var group = ServiceGroupConfiguration(
            // They stop in reverse order: the network is not kept waiting by a command that takes long.
            services: [
                .init(service: control), .init(service: application),
                .init(service: ReloadOnHangup(hangups: hangups, reloader: reloader, supervision: supervision)),
                .init(service: FreedMemory()),
                .init(
                    service: RunLifetime(
                        scheduler: scheduler,
                        runs: parts.runs,
                        store: parts.store,
                        feed: parts.feed,
                        log: parts.log,
                        draining: draining,
                        supervision: supervision
                    )
                ),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: parts.logger
        )
        group.maximumGracefulShutdownDuration = .seconds(Self.shutdownSeconds)
        try await run(group, on: address)
    }

    private func makeContext(
        _ parts: Composition,
        _ scheduler: Scheduler,
        _ configuration: Configuration,
        _ credentials: CredentialFiles,
        _ limits: ServerLimits,
        _ draining: DrainFlag
    ) throws -> APIContext {
        APIContext(
            rows: parts.store,
            runs: parts.runs,
            registry: parts.registry,
            authenticator: try Authenticator(HiddenCredentials(credentials, in: parts.redaction), limits, configuration, parts.registry),
            version: BuildInformation.version,
            sampleData: parts.holdsSampleData,
            fault: parts.fault?.description,
            draining: draining,
            schedule: { scheduler.status },
            crossOrigin: try Settings.corsOrigin.resolve(configuration),
            logsAccess: try Settings.accessLog.resolve(configuration)
        )
    }

    /// Tells people and the service manager that the server is there, and starts the schedule.
    private func begin(
        _ parts: Composition,
        _ scheduler: Scheduler,
        _ configuration: Configuration,
        _ credentials: CredentialFiles,
        _ supervision: Supervision,
        url: String
    ) async {
        parts.alerts?.serving(at: url)
        let schedule = ScheduleText(scheduler.status, offBy: Settings.noSchedule.effective(configuration).origin)
        let banner = banner(parts, credentials, schedule: schedule, url: url)
        print(json ? banner.json : banner.text)
        fflush(nil)
        await OwnThread.run { supervision.serving(.server(parts, scheduler, url: url)) }
        do throws(ThreadError) {
            try scheduler.start()
        } catch {
            parts.logger.error("the sources are not loaded on schedule: \(error)")
        }
        EarlySignals.passOn()
    }

    /// Runs the services until a signal ends them, or one of them ends itself.
    private func run(_ group: ServiceGroupConfiguration, on address: ListenAddress) async throws {
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error as CommandFailure {
            throw error
        } catch {
            // Somebody else may have taken it since; the text is the system's own, whatever library's error it is in.
            if "\(error)".contains(String(cString: strerror(EADDRINUSE))) { throw TakenPort.failure(address) }
            throw CommandFailure(.failure, "cannot serve on \(address.urlHost):\(address.port): \(error)")
        }
    }

    private func banner(_ parts: Composition, _ credentials: CredentialFiles, schedule: ScheduleText, url: String) -> Banner {
        Banner(
            url: url,
            dataDirectory: parts.dataDirectory,
            sources: parts.runs.sources(),
            schedule: schedule.text,
            tokenOrigin: credentials.tokenOrigin,
            tokenExpression: credentials.tokenExpression,
            holdsSampleData: parts.holdsSampleData,
            fault: parts.fault,
            alerts: parts.alertsInWords
        )
    }
}
