import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ApiProblems,
  ApiRequestId,
  apiRequest,
  jsonAnswer,
  Problem,
  requestIdHeader,
  sendAnswer,
} from '../http/index.js';
import { livenessSchema, readinessSchema } from './dto/health.dto.js';
import { Readiness } from './readiness.js';

const readyParameters = ['verbose'];

/** For probes. */
@ApiTags('health')
@ApiRequestId()
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @ApiOperation({
    summary: 'Is the process alive?',
    description: 'Depends on this process alone and never on the quorum: restart it where this fails.',
  })
  @ApiResponse({ status: 200, description: 'It is.', headers: requestIdHeader, standardSchema: livenessSchema })
  @Get('livez')
  isAlive(@Res() reply: FastifyReply): void {
    sendAnswer(reply, jsonAnswer({ status: 'alive' }));
  }

  @ApiOperation({
    summary: 'Is the node ready?',
    description:
      'A leader is known, the storage answers and takes writes, and the node is a voter or a learner for good and has applied what it knows to be committed, up to ready-lag-entries-max. Send it no requests where this fails.',
  })
  @ApiQuery({ name: 'verbose', required: false, description: 'Names each check.', schema: { type: 'boolean' } })
  @ApiResponse({ status: 200, description: 'It is.', headers: requestIdHeader, standardSchema: readinessSchema })
  @ApiProblems(['NOT_READY'])
  @Get('readyz')
  async isReady(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const isVerbose = apiRequest(request, readyParameters).query.flag('verbose');
    const checks = await this.readiness.checks();
    const shown = isVerbose ? { checks } : {};
    const failed = checks.filter((check) => !check.ok).map((check) => `${check.name}: ${check.detail}`);
    if (failed.length > 0) {
      throw new Problem('NOT_READY', `Send requests elsewhere until this passes: ${failed.join(', ')}.`, {
        members: shown,
      });
    }
    sendAnswer(reply, jsonAnswer({ status: 'ready', ...shown }));
  }
}
