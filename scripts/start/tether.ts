// Preloaded into a supervised process: when the supervisor is gone, however it went, the process ends too.

process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
