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

    @Option(name: .long, help: ArgumentHelp("Where to listen; port 0 takes a free one. (default: 127.0.0.1:8080, or PORT)", valueName: "addr:port"))
    var listen: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with the bearer token for POST routes. (default: <data-dir>/token, made when missing)", valueName: "file")
    )
    var tokenFile: String?

    @Flag(name: .long, help: "Do not load the sources at start.")
    var noSchedule = false

    /// How old a source's last attempt must be for the run at start.
    private static let intervalMilliseconds: Int64 = 3_600_000
    /// SIGTERM to exit, at most; a little less than the 20 s that are promised (spec section 11).
    private static let shutdownSeconds = 18

    func run() async throws {
        // A session that ends, or a habit of reloading, must not end the server.
        signal(SIGHUP, SIG_IGN)
        let environment = ProcessEnvironment.variables
        let address = try Settings.listen(environment).resolve(listen, environment)
        let skipsStart = try noSchedule || Settings.noSchedule.resolve(nil, environment)
        let parts = try Composition(
            common,
            keeping: keeping,
            environment: environment,
            holder: LockText.make(command: "serve", socket: ControlSocket.fileName)
        )
        do {
            try await serve(parts, on: address, loadingAtStart: !skipsStart, environment: environment)
        } catch {
            // An orderly stop all the same.
            try? parts.store.close()
            throw error
        }
        try parts.closeStore()
    }

    private func serve(_ parts: Composition, on address: ListenAddress, loadingAtStart: Bool, environment: [String: String]) async throws {
        let token = try BearerToken.resolve(
            file: tokenFile,
            dataDirectory: parts.dataDirectory,
            environment: environment,
            fileSystem: parts.fileSystem
        )
        let draining = DrainFlag()
        let context = APIContext(
            rows: parts.store,
            runs: parts.runs,
            registry: parts.registry,
            token: token.value,
            version: BuildInformation.version,
            sampleData: parts.holdsSampleData,
            draining: draining
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
                print(banner(parts, token: token, url: "http://\(address.urlHost):\(port ?? address.port)"))
                fflush(nil)
                if loadingAtStart { loadAtStart(parts) }
            }
        )
        var group = ServiceGroupConfiguration(
            // They stop in reverse order: the network is not kept waiting by a command that takes long.
            services: [
                .init(service: control), .init(service: application),
                .init(service: RunLifetime(runs: parts.runs, store: parts.store, draining: draining)),
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

    private func banner(_ parts: Composition, token: BearerToken, url: String) -> String {
        let file = token.origin.hasPrefix("from ") ? "$KASPARRO_TOKEN" : "$(cat \(tokenFile ?? parts.dataDirectory + "/token"))"
        return Banner(
            url: url,
            dataDirectory: parts.dataDirectory,
            sources: parts.runs.sources(),
            tokenOrigin: token.origin,
            tokenExpression: file,
            holdsSampleData: parts.holdsSampleData
        ).text
    }

    private func loadAtStart(_ parts: Composition) {
        // The start record waits for the disk.
        startThread {
            do throws(RefreshError) {
                _ = try parts.runs.refreshAtStart(intervalMilliseconds: Self.intervalMilliseconds)
            } catch {
                parts.logger.error("the sources were not loaded at start: \(error)")
            }
        }
    }
}

/// Ends the run in progress when the process is to stop, before the server does: a request may be waiting for it.
private struct RunLifetime: Service {
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
            store.interruptMaintenance()
            // From now on a second signal ends the process at once; nothing acknowledged is lost by that.
            signal(SIGTERM) { _ in _exit(1) }
            signal(SIGINT) { _ in _exit(1) }
        }
        draining.raise()
        await runs.drain(atMost: Self.drainSeconds)
        if secondsPoisoned >= Self.graceSeconds, let reason = store.statistics.poisoned { throw CommandFailure(.failure, reason) }
    }
}
