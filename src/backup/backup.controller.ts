import { Readable } from 'node:stream';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiRequestId, apiRequest, sendAnswer, sendStream } from '../http/index.js';
import type { BodyConfig } from '../http/index.js';
import { ApiBackup, ApiRestore } from './backup.api-docs.js';
import { BackupService } from './backup.service.js';
import { RestoreService } from './restore.service.js';

const backupParameters = ['level', 'timeout', 'redirect'];
const aStream: BodyConfig = { body: 'stream' };

/** Backup and restore of all keys over HTTP. */
@ApiTags('cluster')
@ApiRequestId()
@Controller()
export class BackupController {
  constructor(
    private readonly backups: BackupService,
    private readonly restores: RestoreService,
  ) {}

  @ApiBackup()
  @Get('backup')
  async backup(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const answer = await this.backups.backup(apiRequest(request, backupParameters));
    if ('status' in answer) {
      sendAnswer(reply, answer);
    } else {
      sendStream(reply, answer.headers, answer.body);
    }
  }

  @ApiRestore()
  @Post('restore')
  @RouteConfig(aStream)
  async restore(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = request.body instanceof Readable ? request.body : Readable.from([]);
    try {
      sendAnswer(reply, await this.restores.restore(apiRequest(request, []), body));
    } catch (error) {
      // The body may not have been read to its end: the connection cannot go on behind it.
      reply.raw.setHeader('connection', 'close');
      throw error;
    }
  }
}
