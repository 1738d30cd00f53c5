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
        let skipsStart = try serving.noSchedule || Settings.noSchedule.resolve(nil, configuration)
        let interval = try Settings.every.resolve(nil, configuration)
        let parts = try Composition(
            common,
            keeping: keeping,
            configuration,
            holder: LockText.make(command: "serve", socket: ControlSocket.fileName)
        )
        do {
            try await serve(parts, on: address, loadingEvery: skipsStart ? nil : interval, configuration)
        } catch {
            // An orderly stop all the same.
            try? parts.store.close()
            throw error
        }
        try parts.closeStore()
    }

    /// - Parameter interval: How old a source's last attempt must be for it to be loaded at start, in milliseconds; nil: none is.
    private func serve(_ parts: Composition, on address: ListenAddress, loadingEvery interval: Int64?, _ configuration: Configuration) async throws {
        let token = try BearerToken.resolve(
            file: serving.tokenFile,
            dataDirectory: parts.dataDirectory,
            configuration,
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
                if let interval { loadAtStart(parts, interval) }
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
        let file = token.file.map { "$(cat \($0))" } ?? "$KASPARRO_TOKEN"
        return Banner(
            url: url,
            dataDirectory: parts.dataDirectory,
            sources: parts.runs.sources(),
            tokenOrigin: token.origin,
            tokenExpression: file,
            holdsSampleData: parts.holdsSampleData
        ).text
    }

    private func loadAtStart(_ parts: Composition, _ interval: Int64) {
        // The start record waits for the disk.
        startThread {
            do throws(RefreshError) {
                _ = try parts.runs.refreshAtStart(intervalMilliseconds: interval)
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
